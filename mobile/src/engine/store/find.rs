//! Finding jobs by words: SQLite's full-text index (`found` over `found_by`), and what is asked of it.
//!
//! The words of a type are the catalog's, and a city changes them without a release. So a job is indexed by a token that
//! stands for its type, and the catalog is looked into when somebody searches: nothing is ever indexed again for it.

use super::StoreError;
use super::fold::fold;
use coldpatch_shared::city::Catalog;
use coldpatch_shared::ids::ServiceCode;
use coldpatch_shared::order::WorkOrder;
use rusqlite::{Connection, params};
use std::fmt::Write as _;

/// The work orders that fit what is bound first, with a score: the smaller the better.
pub(super) const HITS: &str = "(SELECT found_by.work_order, found.rank AS score
    FROM found JOIN found_by ON found_by.n = found.rowid WHERE found MATCH ?)";

/// More words than this are not looked for.
const MOST_WORDS: usize = 12;
/// No type has this token.
const NOTHING: &str = "kind : \"nothing\"";

/// By which words the types of a catalog are known: name and keywords, folded.
#[derive(Debug, Default)]
pub(crate) struct Kinds(Vec<(ServiceCode, String)>);

impl Kinds {
    /// Of this catalog.
    pub(crate) fn of(catalog: &Catalog) -> Self {
        let words = catalog.service_types.iter().map(|kind| {
            let mut words = plain(&kind.name);
            kind.keywords.iter().for_each(|keyword| words.push_str(&plain(keyword)));
            (kind.code.clone(), words)
        });
        Self(words.collect())
    }

    /// The tokens of those among `present` of whose words one begins so.
    fn tokens<'a>(&'a self, word: &str, present: &'a [String]) -> impl Iterator<Item = String> + 'a {
        let begins = plain(word);
        let named = self.0.iter().filter(move |(_, words)| words.contains(&begins)).map(|(code, _)| token(code));
        named.filter(|token| present.contains(token))
    }
}

/// Folded, each word with a space before it and nothing else between.
fn plain(text: &str) -> String {
    let folded = fold(text);
    let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(String::new(), |all, word| all + " " + word)
}

/// One word that stands for a type, whatever its code is made of.
fn token(code: &ServiceCode) -> String {
    code.as_str().bytes().fold("kind".to_owned(), |mut token, byte| {
        // Writing to a string cannot fail.
        let _ = write!(token, "{byte:02x}");
        token
    })
}

/// What the index is asked for a text that somebody typed; `None` for no word at all. Every word must occur, of each the
/// beginning is enough, and signs count for nothing.
pub(crate) fn matched(db: &Connection, text: &str, kinds: &Kinds) -> Result<Option<String>, StoreError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let present = present(db)?;
    let words: Vec<String> = text
        .split_whitespace()
        .map(plain)
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .map(|word| {
            let of_kind: Vec<String> = kinds.tokens(&word, &present).map(|token| format!("\"{token}\"")).collect();
            let anywhere = format!("{{number address words}} : \"{}\" *", word.trim_start());
            match of_kind.as_slice() {
                [] => format!("({anywhere})"),
                tokens => format!("({anywhere} OR kind : ({}))", tokens.join(" OR ")),
            }
        })
        .collect();
    Ok(Some(if words.is_empty() { NOTHING.to_owned() } else { words.join(" AND ") }))
}

/// The tokens of the types that jobs here have: of thousands in a catalog these are few.
fn present(db: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare_cached("SELECT DISTINCT service_code FROM jobs")?;
    let codes = statement.query_map([], |row| Ok(token(&ServiceCode(row.get(0)?))))?;
    Ok(codes.collect::<Result<_, _>>()?)
}

/// Writes by which words a work order is found, if that changed.
pub(super) fn index(db: &Connection, order: &WorkOrder) -> Result<(), StoreError> {
    let join = |parts: &mut dyn Iterator<Item = &str>| fold(&parts.collect::<Vec<_>>().join(" "));
    let reported = order.requests.iter().map(|request| request.body.description.as_str());
    let words = join(&mut std::iter::once(order.description.as_str()).chain(reported));
    db.prepare_cached(
        "INSERT INTO found_by (work_order, kind, number, address, words) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (work_order) DO UPDATE SET kind = ?2, number = ?3, address = ?4, words = ?5
         WHERE (kind, number, address, words) IS NOT (?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        order.id.0,
        token(&order.service_code),
        join(&mut order.tracking_numbers.values().map(String::as_str)),
        fold(order.address.as_deref().unwrap_or_default()),
        words,
    ])?;
    Ok(())
}
