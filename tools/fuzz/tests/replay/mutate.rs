//! Mutations like those of a fuzzer, but deterministic.

/// Derives inputs from a corpus.
pub(crate) struct Mutator {
    state: u64,
    words: Vec<Vec<u8>>,
}

impl Mutator {
    pub(crate) fn new(seed: u64, words: Vec<Vec<u8>>) -> Self {
        Self { state: seed, words }
    }

    /// An input of the corpus with one to six changes.
    pub(crate) fn next(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let index = self.below(corpus.len());
        let mut bytes = corpus[index].clone();
        for _ in 0..=self.below(6) {
            self.change(&mut bytes, corpus);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let start = self.below(bytes.len() + 1);
        let end = start + self.below(bytes.len() - start + 1).min(40);
        match self.below(7) {
            0 if start < bytes.len() => bytes[start] ^= 1 << self.below(8),
            1 if start < bytes.len() => bytes[start] = self.byte(),
            2 => bytes.insert(start, self.byte()),
            3 => drop(bytes.drain(start..end)),
            4 => {
                let copy = bytes[start..end].to_vec();
                bytes.splice(start..start, copy);
            }
            5 => {
                let other = &corpus[self.below(corpus.len())];
                let from = self.below(other.len() + 1);
                bytes.splice(start..end, other[from..].iter().copied());
            }
            _ => {
                let which = self.below(self.words.len());
                let word = self.words[which].clone();
                bytes.splice(start..start, word);
            }
        }
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    /// A number less than `bound`, from `SplitMix64`.
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}

/// Parses a line of a libFuzzer dictionary: a quoted string with `\xNN` escapes.
pub(crate) fn word(line: &str) -> Vec<u8> {
    let mut parts = line.trim_matches('"').split("\\x");
    let mut word = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let (byte, text) = part.split_at(2);
        word.push(u8::from_str_radix(byte, 16).unwrap());
        word.extend(text.bytes());
    }
    word
}
