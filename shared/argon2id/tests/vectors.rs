//! The test vector of RFC 9106, and a comparison with the crate `argon2` for all other inputs.

#![allow(clippy::unwrap_used, reason = "a test panics when it fails")]

use argon2::{Algorithm, Argon2, AssociatedData, Block, Error, Params, ParamsBuilder, Version};
use gatecrumb_argon2id::{Kernel, hash};
use proptest::prelude::*;

/// Blocks in which an earlier hash was computed.
fn used_blocks(count: usize) -> Vec<Block> {
    let mut block = Block::new();
    block.as_mut().fill(7);
    vec![block; count]
}

#[test]
fn the_vector_of_the_rfc() {
    // Section 5.3.
    let params = ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(AssociatedData::new(&[4; 12]).unwrap())
        .output_len(32)
        .build()
        .unwrap();
    let tag = [
        0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9, 0xd0,
        0x1e, 0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59,
    ];
    let (password, salt, secret) = ([1; 32], [2; 16], [3; 8]);
    let mut output = [0; 32];
    hash(
        &params,
        [&password, &salt, &secret],
        &mut output,
        &mut used_blocks(32),
    )
    .unwrap();
    assert_eq!(output, tag);
    for kernel in Kernel::available() {
        let mut output = [0; 32];
        kernel
            .hash(
                &params,
                [&password, &salt, &secret],
                &mut output,
                &mut used_blocks(32),
            )
            .unwrap();
        assert_eq!(output, tag, "{}", kernel.name);
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_kernel_is_available_if_the_processor_has_its_features() {
    let mut expected = Vec::new();
    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
        expected.push("AVX-512");
    }
    if is_x86_feature_detected!("avx2") {
        expected.push("AVX2");
    }
    let available: Vec<_> = Kernel::available().map(|kernel| kernel.name).collect();
    assert_eq!(available, expected);
}

/// The kernels return `None`, and `hash` returns the result of `argon2`.
#[test]
fn input_that_no_kernel_supports_is_left_to_argon2() {
    let run = |output_length, [salt, output, blocks]: [usize; 3]| {
        let params = Params::new(16, 1, 1, output_length).unwrap();
        let inputs: [&[u8]; 3] = [b"password", &b"somesalt"[..salt], b""];
        let (mut output, mut blocks) = (vec![0; output], used_blocks(blocks));
        for kernel in Kernel::available() {
            assert_eq!(kernel.hash(&params, inputs, &mut output, &mut blocks), None);
        }
        hash(&params, inputs, &mut output, &mut blocks).map(|()| output)
    };
    assert_eq!(run(Some(32), [7, 32, 16]), Err(Error::SaltTooShort));
    assert_eq!(run(Some(32), [8, 31, 16]), Err(Error::OutputTooShort));
    assert_eq!(run(Some(32), [8, 33, 16]), Err(Error::OutputTooLong));
    assert_eq!(run(Some(32), [8, 32, 15]), Err(Error::MemoryTooLittle));
    let mut long = vec![0; 65];
    Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(16, 1, 1, Some(65)).unwrap(),
    )
    .hash_password_into(b"password", b"somesalt", &mut long)
    .unwrap();
    assert_eq!(run(Some(65), [8, 65, 16]), Ok(long));
}

/// The costs allowed for a stored hash (`gatecrumb_passwords::Cost`): 1 to 4 lanes, 1 to 10 passes, 8 KiB per lane to
/// 128 MiB. Mostly little memory, so that a run tests many inputs. Some have segments of more than 128 blocks, which
/// need more than one block of addresses.
fn costs() -> impl Strategy<Value = (u32, u32, u32)> {
    let lanes_and_memory = (1_u32..=4).prop_flat_map(|lanes| {
        let memory = prop_oneof![
            4000 => 8 * lanes..=64,
            800 => 8 * lanes..=512,
            190 => 512_u32..=4096,
            9 => 4096_u32..=19_456,
            1 => 19_456_u32..=131_072,
        ];
        (memory, Just(lanes))
    });
    (lanes_and_memory, 1_u32..=10).prop_map(|((memory, lanes), passes)| (memory, passes, lanes))
}

fn bytes(lengths: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), lengths)
}

proptest! {
    // For more: PROPTEST_CASES=1000000 cargo test --release -p gatecrumb-argon2id
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(4000), ..ProptestConfig::default() })]

    #[test]
    fn every_kernel_computes_what_argon2_does(
        (memory, passes, lanes) in costs(),
        password in prop_oneof![bytes(0..=64), bytes(0..=1100)],
        salt in bytes(8..=64),
        output in 16_usize..=64,
    ) {
        let params = Params::new(memory, passes, lanes, Some(output)).unwrap();
        let mut expected = vec![0; output];
        let mut expected_blocks = used_blocks(memory as usize);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_into_with_memory(&password, &salt, &mut expected, &mut expected_blocks)
            .unwrap();
        for kernel in Kernel::available() {
            let mut found = vec![0; output];
            let mut blocks = used_blocks(memory as usize);
            kernel.hash(&params, [&password, &salt, b""], &mut found, &mut blocks).unwrap();
            prop_assert_eq!(&found, &expected, "{}", kernel.name);
            // Every block, not only the last ones.
            let same = blocks.iter().zip(&expected_blocks).all(|(one, other)| one.as_ref() == other.as_ref());
            prop_assert!(same, "{}", kernel.name);
        }
    }
}
