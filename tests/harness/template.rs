//! Templates: what a line must look like.

use std::collections::BTreeMap;

use regex_lite::Regex;

/// The words in the holes of a template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found(BTreeMap<String, String>);

impl Found {
    /// The word in the hole `{name}`.
    ///
    /// # Panics
    ///
    /// When the template has no such hole.
    pub fn text(&self, name: &str) -> &str {
        let text = self.0.get(name);
        text.unwrap_or_else(|| panic!("no hole {{{name}}} in {self:?}"))
    }

    /// The number in the hole `{name}`.
    ///
    /// # Panics
    ///
    /// When there is no such hole, or no number in it.
    pub fn number(&self, name: &str) -> f64 {
        let text = self.text(name);
        let number = text.parse();
        number.unwrap_or_else(|_| panic!("{{{name}}} is no number: {text:?}"))
    }

    /// Adds the words of another line; `None` if a hole would have two words.
    pub(crate) fn join(&self, other: &Self) -> Option<Self> {
        let agrees = |(name, word): (&String, &String)| {
            self.0.get(name).is_none_or(|known| known == word)
        };
        if !other.0.iter().all(agrees) {
            return None;
        }
        let mut both = self.clone();
        both.0.extend(other.0.clone());
        Some(both)
    }
}

/// Fits `line` to `template`; `None` when it does not fit.
pub(crate) fn fit(template: &str, line: &str) -> Option<Found> {
    let mut pattern = String::from("^");
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((fixed, (name, after))) = rest
        .split_once('{')
        .and_then(|(fixed, hole)| Some((fixed, hole.split_once('}')?)))
    {
        pattern += &regex_lite::escape(fixed);
        if name == "*" {
            pattern += ".*";
        } else {
            pattern += r"(\S+?)";
            names.push(name);
        }
        rest = after;
    }
    pattern += &regex_lite::escape(rest);
    pattern.push('$');
    let regex = Regex::new(&pattern).expect("escaped text is a pattern");
    let groups = regex.captures(line)?;
    names.iter().enumerate().try_fold(Found::default(), |found, (i, name)| {
        let word = groups[i + 1].to_string();
        found.join(&Found([(name.to_string(), word)].into()))
    })
}
