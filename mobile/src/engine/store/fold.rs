//! Folding for search: case and accents do not matter, so that `peña` finds `PENA ST`.

/// Lowercase, without the accents of Latin letters, words separated by one space. Of scripts that have no spaces each letter
/// is a word, so that a part of what was written is found.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
        for letter in word.chars().flat_map(char::to_lowercase) {
            match letter {
                'à'..='å' | 'ā' | 'ă' | 'ą' => folded.push('a'),
                'ç' | 'ć' | 'č' => folded.push('c'),
                'è'..='ë' | 'ē' | 'ę' | 'ě' => folded.push('e'),
                'ì'..='ï' | 'ī' | 'į' => folded.push('i'),
                'ñ' | 'ń' | 'ň' => folded.push('n'),
                'ò'..='ö' | 'ø' | 'ō' | 'ő' => folded.push('o'),
                'ù'..='ü' | 'ū' | 'ů' | 'ű' => folded.push('u'),
                'ý' | 'ÿ' => folded.push('y'),
                'ś' | 'š' => folded.push('s'),
                'ź' | 'ż' | 'ž' => folded.push('z'),
                'ł' => folded.push('l'),
                'ß' => folded.push_str("ss"),
                // What `to_lowercase` leaves of a dotted İ.
                '\u{300}'..='\u{36f}' => {}
                alone if stands_alone(alone) => {
                    if !folded.is_empty() && !folded.ends_with(' ') {
                        folded.push(' ');
                    }
                    folded.push(alone);
                    folded.push(' ');
                }
                other => folded.push(other),
            }
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Whether words of this letter's script stand side by side without a space: Chinese, Japanese, Thai, Lao, Khmer, Burmese.
fn stands_alone(letter: char) -> bool {
    matches!(letter, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_spaces_do_not_matter() {
        assert_eq!(fold("  Peña   St\n214 "), "pena st 214");
        assert_eq!(fold("STRAßE"), "strasse");
    }

    #[test]
    fn letters_of_scripts_without_spaces_are_words_of_their_own() {
        assert_eq!(fold("路面有坑洞"), "路 面 有 坑 洞");
        assert_eq!(fold("214号 坑x"), "214 号 坑 x");
    }
}
