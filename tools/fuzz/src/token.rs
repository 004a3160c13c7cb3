//! One token, as a cookie contains it. Only the tokens that were signed are accepted. A token with a changed byte is
//! refused, even if it decodes to the same bytes.

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
    fn the_corpus_contains_the_valid_tokens() {
        assert_eq!(include_str!("../corpus/token/access"), TOKENS[0]);
        assert_eq!(include_str!("../corpus/token/refresh"), TOKENS[1]);
    }

    #[test]
    fn a_changed_byte_or_a_second_spelling_is_refused() {
        for token in &*TOKENS {
            run(token.as_bytes());
            for index in 0..token.len() {
                for byte in *b"AQgw.=~ +/" {
                    let mut changed = token.clone().into_bytes();
                    changed[index] = byte;
                    run(&changed);
                }
            }
            run(format!("{token}=").as_bytes());
            run(format!("{token}.").as_bytes());
            run(format!(" {token}").as_bytes());
        }
    }
}
