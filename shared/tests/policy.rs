//! Who may do what and when, cell by cell, against `tables/policy.txt`, which a supervisor can read.
//!
//! `COLDPATCH_WRITE_GOLDEN=1 cargo test -p coldpatch-shared --test policy` writes the table anew; read the difference.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use coldpatch_shared::action::Edit;
use coldpatch_shared::action::policy::may;
use coldpatch_shared::city::Role;
use coldpatch_shared::order::Status;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

const ROLES: [Role; 5] = [Role::Crew, Role::Inspector, Role::Supervisor, Role::Server, Role::Resident];

fn states() -> Vec<(String, Option<Status>)> {
    let named = Status::ALL.map(|status| (name(status), Some(status)));
    std::iter::once(("new".to_owned(), None)).chain(named).collect()
}

fn name(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

/// Role, edit and state → `yes` or `-`.
type Cells = BTreeMap<(String, String, String), String>;

fn cells() -> Cells {
    let mut cells = Cells::new();
    for role in ROLES {
        for edit in Edit::ALL {
            for (state, status) in states() {
                let allowed = if may(role, edit, status).is_ok() { "yes" } else { "-" };
                cells.insert((name(role), name(edit), state), allowed.to_owned());
            }
        }
    }
    cells
}

fn print(cells: &Cells) -> String {
    let mut text =
        "Who may do what, and while a job is in which state. \"new\": the job does not exist yet.\n".to_owned();
    for role in ROLES {
        let _ = write!(text, "\n{:<24}", name(role));
        for (state, _) in states() {
            let _ = write!(text, "{state:<17}");
        }
        text = format!("{}\n", text.trim_end());
        for edit in Edit::ALL {
            let _ = write!(text, "  {:<22}", name(edit));
            for (state, _) in states() {
                let _ = write!(text, "{:<17}", cells[&(name(role), name(edit), state)]);
            }
            text = format!("{}\n", text.trim_end());
        }
    }
    text
}

fn read(text: &str) -> Cells {
    let mut cells = Cells::new();
    let mut head: Vec<&str> = Vec::new();
    for line in text.lines().skip(1).filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if !line.starts_with(' ') {
            head = words;
            continue;
        }
        for (state, cell) in head[1..].iter().zip(&words[1..]) {
            cells.insert((head[0].to_owned(), words[0].to_owned(), (*state).to_owned()), (*cell).to_owned());
        }
    }
    cells
}

#[test]
fn the_policy_is_the_table_that_a_supervisor_can_read_cell_by_cell() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tables/policy.txt");
    let cells = cells();
    if std::env::var_os("COLDPATCH_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, print(&cells)).unwrap();
    }
    let agreed = read(&std::fs::read_to_string(&path).unwrap());
    let mut differ: Vec<String> = Vec::new();
    for (cell, is) in &cells {
        let agreed = agreed.get(cell).map_or("missing", String::as_str);
        if agreed != is {
            differ.push(format!("{} · {} · {}: the code says {is}, the table says {agreed}", cell.0, cell.1, cell.2));
        }
    }
    differ.extend(
        agreed.keys().filter(|cell| !cells.contains_key(*cell)).map(|cell| format!("{cell:?}: unknown to the code")),
    );
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert_eq!(cells.len(), 5 * 34 * 8);
}

#[test]
fn every_edit_is_listed_once() {
    let names: std::collections::BTreeSet<Edit> = Edit::ALL.into_iter().collect();
    assert_eq!(names.len(), Edit::ALL.len());
}
