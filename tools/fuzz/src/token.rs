//! One token, as it stands in a cookie. Its signature cannot be forged, so only the very tokens that were signed
//! may pass: any other byte, a second spelling of the same bytes among them, is refused.

use crate::fixtures::{TOKENS, VERIFIER};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(token) = std::str::from_utf8(bytes) else {
        return;
    };
    let [access, refresh] = &*TOKENS;
    assert_eq!(VERIFIER.access(token).is_ok(), token == access);
    assert_eq!(VERIFIER.refresh(token).is_ok(), token == refresh);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corpus_has_the_tokens_that_pass() {
        assert_eq!(include_str!("../corpus/token/access"), TOKENS[0]);
        assert_eq!(include_str!("../corpus/token/refresh"), TOKENS[1]);
    }

    #[test]
    fn a_changed_byte_or_a_second_spelling_is_refused() {
        for token in &*TOKENS {
            run(token.as_bytes());
            for place in 0..token.len() {
                for byte in *b"AQgw.=~ +/" {
                    let mut changed = token.clone().into_bytes();
                    changed[place] = byte;
                    run(&changed);
                }
            }
            run(format!("{token}=").as_bytes());
            run(format!("{token}.").as_bytes());
            run(format!(" {token}").as_bytes());
        }
    }
}
