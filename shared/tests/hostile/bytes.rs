//! Damaged changes by the thousand: cut off, and with each byte changed under a good checksum.

use super::chunk::{CHANGE, Parts, framed};
use super::watch::{Trial, judge_all};
use super::world::{ORDER, OTHER, Person, base, genesis, honest};
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::wire::{RefusalCode, SentChange, Verdict};

fn trial(what: String, bytes: Vec<u8>) -> Trial {
    Trial { what, doc: Some(base()), sent: SentChange { work_order: ORDER, bytes }, who: Person::inspector().session }
}

#[test]
fn a_change_cut_off_anywhere_is_refused_and_so_is_its_frame_around_less() {
    let trials = honest().into_iter().flat_map(|change| {
        let body = Parts::of(&change).body();
        let cut: Vec<_> = (0..change.len()).map(|at| trial(format!("cut at {at}"), change[..at].to_vec())).collect();
        // The checksum and the length are good, and the rest of the body is not there.
        let framed = (0..body.len()).map(move |at| trial(format!("body cut at {at}"), framed(CHANGE, &body[..at])));
        cut.into_iter().chain(framed)
    });
    judge_all(trials, |what, verdict| {
        assert!(matches!(verdict, Err(Verdict::Refused { code: RefusalCode::Malformed, .. })), "{what}: {verdict:?}");
    });
}

#[test]
fn any_byte_changed_under_a_good_checksum_never_panics_and_whatever_is_accepted_loads_again() {
    let changes = honest().into_iter().map(|change| (Some(base()), ORDER, change));
    let trials = changes.chain([(None, OTHER, genesis())]).flat_map(|(doc, work_order, change)| {
        let body = Parts::of(&change).body();
        (0..body.len()).flat_map(move |at| {
            let (doc, body) = (doc.clone(), body.clone());
            [0x01, 0xff].map(move |flip| {
                let mut body = body.clone();
                body[at] ^= flip;
                let sent = SentChange { work_order, bytes: framed(CHANGE, &body) };
                Trial { what: format!("{flip:x} at {at}"), doc: doc.clone(), sent, who: Person::inspector().session }
            })
        })
    });
    let (mut accepted, mut refused, mut later) = (0, 0, 0);
    let worst = judge_all(trials, |what, verdict| match verdict {
        Ok(mut judged) => {
            accepted += 1;
            let mut again = OrderDoc::load(&judged.doc.save()).unwrap();
            assert_eq!(again.heads(), judged.doc.heads(), "{what}");
        }
        Err(Verdict::NotNow { .. }) => later += 1,
        Err(_) => refused += 1,
    });
    println!("{accepted} accepted, {later} not now, {refused} refused; at worst {} KB of memory", worst >> 10);
    // A letter of a note may change; most of the rest may not.
    assert!(accepted > 100 && refused > accepted && later > 0);
}

#[test]
fn a_change_that_was_damaged_on_the_way_is_refused_by_its_checksum() {
    let change = honest().remove(0);
    let trials = (4..change.len()).map(move |at| {
        let mut bytes = change.clone();
        bytes[at] ^= 0x10;
        trial(format!("at {at}"), bytes)
    });
    judge_all(trials, |what, verdict| assert!(matches!(verdict, Err(Verdict::Refused { .. })), "{what}: {verdict:?}"));
}
