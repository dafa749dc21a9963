//! The supervisor's table.

use super::job_row::{Pressing, RowModel};
use super::status::StatusMark;
use crate::ui::words;
use dioxus::prelude::*;

/// One row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct DeskRow {
    /// What every list shows of a job.
    pub job: RowModel,
    /// How many people filed it.
    pub reports: u32,
    /// Whose it is.
    pub crew: String,
}

/// The table. A row is chosen by a press anywhere on it; its button makes that possible from the keyboard.
#[component]
pub fn DeskTable(rows: Vec<DeskRow>, chosen: Option<usize>, onchoose: EventHandler<usize>) -> Element {
    rsx! {
        table { class: "desk-table",
            thead {
                tr {
                    for name in words::desk::COLUMNS {
                        th { key: "{name}", scope: "col", "{name}" }
                    }
                }
            }
            tbody {
                for (index, row) in rows.into_iter().enumerate() {
                    tr {
                        key: "{index}",
                        class: if chosen == Some(index) { "chosen" },
                        "data-testid": "job-row",
                        onclick: move |_| onchoose.call(index),
                        td { StatusMark { status: row.job.status, review: row.job.review, text: row.job.status_text.clone() } }
                        td {
                            button { class: "row-button strong", r#type: "button", aria_pressed: "{chosen == Some(index)}",
                                span { "data-testid": "job-title", "{row.job.title}" }
                            }
                            Pressing { pressing: row.job.pressing.clone() }
                        }
                        td { "{row.job.place}" }
                        td { class: "num", "{row.reports}" }
                        td { "{row.crew}" }
                        td { class: "num",
                            span { class: row.job.due_tone.class(), "{row.job.due}" }
                        }
                    }
                }
            }
        }
    }
}
