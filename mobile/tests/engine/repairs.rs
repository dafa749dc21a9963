//! What does not agree is found and mended; what the server lost is given back.

use crate::city::{BUDGETS, CREW, City, Phone, filed, note};
use coldpatch_shared::action::Action;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::sync::wire::{Entered, RefusalCode, Verdict};
use std::collections::BTreeSet;

/// A city with `count` work orders of a crew, and a phone that has them.
fn many(count: usize) -> (City, Phone, Vec<WorkOrderId>) {
    let (mut city, mut phone) = (City::new(), Phone::new());
    let ids: Vec<_> = (0..count).map(|_| filed(&mut city)).collect();
    ids.iter().for_each(|id| city.enter(CREW, *id));
    phone.sync(&mut city);
    (city, phone, ids)
}

#[test]
fn sums_that_differ_lead_to_the_one_document_and_mend_it() {
    let (mut city, mut phone, ids) = many(100);
    city.does(ids[42], note("never told"));
    city.forget_in_log(ids[42]);
    let rounds = phone.sync(&mut city);
    assert!(rounds <= 3, "sums, buckets, compare: {rounds}");
    assert_eq!(phone.notes(ids[42]), ["never told"]);
    let compared: Vec<_> = city.requests.iter().flat_map(|asked| &asked.compare).collect();
    assert!(compared.len() < 30, "only a bucket's work orders were looked at: {}", compared.len());
    phone.agrees_with(&mut city);
}

#[test]
fn sums_that_never_agree_are_looked_into_later_and_later_and_never_in_a_loop() {
    let (mut city, mut phone, _) = many(3);
    let mut reconciled = Vec::new();
    for minute in 0..120 {
        phone.now += 60_000;
        for _ in 0..4 {
            let round = phone.store.begin_round(phone.now, BUDGETS).unwrap();
            if round.request().buckets.is_some() {
                reconciled.push(minute);
            }
            let mut response = city.answer(round.request());
            response.differing.clear();
            for digest in &mut response.digests {
                digest[0] ^= 1;
            }
            if !phone.take(round, response).unwrap().go_on {
                break;
            }
        }
    }
    assert!((4..12).contains(&reconciled.len()), "{reconciled:?}");
    assert_eq!(reconciled[0], 0, "at once the first time");
    phone.sync(&mut city);
    phone.agrees_with(&mut city);
}

#[test]
fn a_restored_server_gets_back_what_it_lost_with_its_own_word_for_it() {
    let (mut city, mut phone, ids) = many(20);
    let backup = city.clone();
    city.does(ids[3], note("by somebody else"));
    let others = filed(&mut city);
    city.enter(CREW, others);
    let mine = phone.file();
    phone.act(ids[5], note("mine, accepted"));
    phone.sync(&mut city);
    phone.agrees_with(&mut city);
    phone.act(ids[6], note("mine, waiting"));

    let mut city = backup.restored();
    let rounds = phone.sync(&mut city);
    assert!(rounds <= 6, "{rounds}");
    assert_eq!(city.doc(ids[3]).facts().notes.len(), 1);
    assert_eq!(city.doc(ids[5]).facts().notes.len(), 1);
    assert_eq!(city.doc(ids[6]).facts().notes.len(), 1);
    assert!(city.has(mine) && city.has(others));
    assert_eq!(city.vouched_for, [ids[3], ids[5], mine, others].into_iter().collect(), "each with a receipt");
    phone.sync(&mut city);
    phone.agrees_with(&mut city);
}

#[test]
fn what_a_restored_server_cannot_take_now_is_given_back_later() {
    let (mut city, mut phone, ids) = many(2);
    let backup = city.clone();
    city.does(ids[0], note("lost"));
    phone.sync(&mut city);
    let mut city = backup.restored();
    let not_now = Verdict::NotNow { message: "The disk is full.".to_owned() };
    let mut given = 0;
    for _ in 0..8 {
        let round = phone.store.begin_round(phone.now, BUDGETS).unwrap();
        let mut response = city.clone().answer(round.request());
        given += response.taken_back.len();
        response.taken_back.iter_mut().for_each(|verdict| *verdict = not_now.clone());
        phone.take(round, response).unwrap();
    }
    assert_eq!(given, 1, "not again and again");
    phone.now += 120_000;
    phone.sync(&mut city);
    assert_eq!(city.doc(ids[0]).facts().notes.len(), 1);
    phone.agrees_with(&mut city);
}

#[test]
fn what_the_server_refuses_to_take_back_stays_and_is_offered_again() {
    let (mut city, mut phone, ids) = many(2);
    let backup = city.clone();
    let lost = filed(&mut city);
    city.enter(CREW, lost);
    phone.sync(&mut city);
    phone.act(lost, note("mine, accepted"));
    phone.sync(&mut city);
    let mut city = backup.restored();
    for _ in 0..8 {
        let round = phone.store.begin_round(phone.now, BUDGETS).unwrap();
        let mut response = city.clone().answer(round.request());
        response.taken_back.iter_mut().for_each(|verdict| {
            let (code, message) = (RefusalCode::NotYours, "Somebody else's.".to_owned());
            *verdict = Verdict::Refused { code, message };
        });
        phone.take(round, response).unwrap();
    }
    assert_eq!(phone.notes(lost), ["mine, accepted"], "this may be the last copy");
    phone.now += 120_000;
    phone.sync(&mut city);
    assert_eq!(city.doc(lost).facts().notes.len(), 1);
    assert!(city.has(ids[0]));
}

/// Hour after hour until nothing is offered any more. → how often something was given back.
fn until_given_up(city: &mut City, phone: &mut Phone) -> usize {
    city.takes_nothing_back = true;
    city.requests.clear();
    for _ in 0..12 {
        phone.now += 3_600_000;
        phone.sync(city);
    }
    city.requests.iter().map(|asked| asked.given_back.len()).sum()
}

#[test]
fn what_the_server_refuses_for_good_to_take_back_is_kept_aside_and_both_agree() {
    let (mut city, mut phone, ids) = many(3);
    let backup = city.clone();
    city.does(ids[0], note("by the desk"));
    phone.sync(&mut city);
    phone.act(ids[0], note("mine, upon it"));
    phone.sync(&mut city);
    phone.act(ids[0], note("mine, waiting"));
    let mut lost = city;
    let mut city = backup.restored();
    let given = until_given_up(&mut city, &mut phone);
    assert!((2..10).contains(&given), "{given}");
    // Its own is done again and judged as anything new; the others' is with the person, every word of it.
    phone.agrees_with(&mut city);
    assert_eq!(phone.notes(ids[0]), ["mine, upon it", "mine, waiting"]);
    let [kept] = &phone.store.needs_attention().unwrap()[..] else { panic!("one thing needs attention") };
    assert_eq!((&kept.deed.action, kept.deed.work_order), (&note("by the desk"), ids[0]));
    assert!(kept.message.contains("The city said no.") && kept.message.contains("kept"), "{}", kept.message);
    city.requests.clear();
    phone.now += 24 * 3_600_000;
    phone.sync(&mut city);
    assert!(city.requests.iter().all(|asked| asked.buckets.is_none() && asked.compare.is_empty()), "nothing is left");
    // Whoever has the server's word on it gives it back after all: then nobody needs to look.
    city.gets_back_from(&mut lost, ids[0]);
    phone.sync(&mut city);
    assert!(phone.notes(ids[0]).contains(&"by the desk".to_owned()));
    assert_eq!(phone.store.needs_attention().unwrap(), []);
}

#[test]
fn a_whole_job_that_the_server_refuses_to_take_back_is_filed_again_by_whoever_filed_it() {
    let (mut city, mut phone, _) = many(2);
    let backup = city.clone();
    let mine = phone.file();
    phone.sync(&mut city);
    let others = filed(&mut city);
    city.enter(CREW, others);
    phone.sync(&mut city);
    phone.act(others, note("mine, on theirs"));
    phone.act(mine, note("waiting"));
    let mut city = backup.restored();
    until_given_up(&mut city, &mut phone);
    phone.agrees_with(&mut city);
    assert_eq!(phone.notes(mine), ["waiting"]);
    assert!(city.has(mine) && !city.has(others));
    // Another's whole job comes to the person's attention with what was filed, and so does what was done upon it.
    let kept = phone.store.needs_attention().unwrap();
    let filing = kept.iter().find(|kept| matches!(kept.deed.action, Action::File { .. })).unwrap();
    assert_eq!(filing.deed.work_order, others);
    assert!(kept.iter().any(|kept| kept.deed.action == note("mine, on theirs")), "{kept:?}");
    assert_eq!(kept.len(), 2);
}

#[test]
fn a_job_that_was_just_opened_stays_although_it_left() {
    let (mut city, mut phone, ids) = many(3);
    for id in &ids[..2] {
        phone.store.watch(*id, phone.now);
    }
    for id in &ids {
        city.leave(CREW, *id);
    }
    phone.sync(&mut city);
    assert_eq!(
        phone.store.work_orders().unwrap().into_iter().collect::<BTreeSet<_>>(),
        BTreeSet::from([ids[0], ids[1]])
    );
    // The photo that was being taken finds its job.
    phone.act(ids[0], note("taken meanwhile"));
    phone.now += 13 * 60 * 60 * 1000;
    phone.sync(&mut city);
    assert_eq!(city.doc(ids[0]).facts().notes.len(), 1);
    assert!(!phone.store.work_orders().unwrap().contains(&ids[1]));
}

#[test]
fn receipts_that_vouch_for_nothing_current_are_dropped() {
    let (mut city, mut phone, ids) = many(3);
    for n in 0..20 {
        city.does(ids[n % 2], note("again"));
        phone.sync(&mut city);
    }
    let (receipts, _) = phone.store.receipts_and_repairs().unwrap();
    assert_eq!(receipts, 3, "one for each work order's last change, and the first one");
    assert_eq!(phone.store.backed_up_through().unwrap(), Some(77));
}

#[test]
fn a_change_that_does_not_fit_holds_up_nobody_and_is_mended() {
    let (mut city, mut phone, ids) = many(3);
    city.does(ids[0], note("first"));
    city.does(ids[0], note("second"));
    city.does(ids[1], note("of another"));
    let round = phone.store.begin_round(phone.now, BUDGETS).unwrap();
    let mut response = city.answer(round.request());
    let at = response.changes.iter().position(|changes| changes.work_order == ids[0]).unwrap();
    response.changes.remove(at);
    response.digests.clear();
    assert!(phone.take(round, response).unwrap().go_on);
    assert_eq!(phone.notes(ids[1]), ["of another"]);
    assert_eq!(phone.sync(&mut city), 1);
    assert_eq!(phone.notes(ids[0]), ["first", "second"]);
    phone.agrees_with(&mut city);
}

#[test]
fn documents_that_cannot_be_read_are_replaced_and_hold_up_nobody() {
    let (mut city, mut phone, ids) = many(4);
    phone.act(ids[0], note("mine"));
    let damage = "UPDATE documents SET accepted = x'856f4a83ff' WHERE work_order = ?1";
    phone.store.transact(|db| Ok(db.execute(damage, [ids[0].0])?)).unwrap();
    phone.restart();
    city.does(ids[0], note("theirs"));
    city.does(ids[1], note("another"));
    phone.sync(&mut city);
    assert_eq!(phone.notes(ids[0]), ["mine", "theirs"]);
    assert_eq!(phone.notes(ids[1]), ["another"]);
    phone.agrees_with(&mut city);
}

#[test]
fn a_damaged_document_from_the_server_costs_only_itself() {
    let (mut city, mut phone, _) = many(1);
    let (bad, good) = (filed(&mut city), filed(&mut city));
    city.enter(CREW, bad);
    city.enter(CREW, good);
    let round = phone.store.begin_round(phone.now, BUDGETS).unwrap();
    let mut response = city.answer(round.request());
    for Entered { document, .. } in response.entered.iter_mut().filter(|entered| entered.work_order == bad) {
        document.as_mut().unwrap().truncate(60);
    }
    phone.take(round, response).unwrap();
    assert!(phone.store.work_orders().unwrap().contains(&good));
    phone.sync(&mut city);
    phone.agrees_with(&mut city);
}

#[test]
fn a_database_of_the_first_version_keeps_everything_and_learns_its_scopes() {
    let (mut city, mut phone, ids) = many(3);
    let left = filed(&mut city);
    let waiting = phone.act(ids[0], note("waiting"));
    let path = phone.path();
    // What the first version has not: its tables are as they were.
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(
        "DROP TABLE memberships; DROP TABLE receipts; DROP TABLE vouched; DROP TABLE repairs; DROP TABLE ties; DROP TABLE picks;
         DROP TABLE makings; DROP TRIGGER jobs_removed; DROP TABLE found; DROP TABLE found_by;
         ALTER TABLE jobs DROP COLUMN status_crew; ALTER TABLE jobs DROP COLUMN status_at;
         ALTER TABLE jobs DROP COLUMN status_why; ALTER TABLE jobs ADD COLUMN search TEXT NOT NULL DEFAULT '';
         ALTER TABLE jobs DROP COLUMN done_in_group; ALTER TABLE jobs DROP COLUMN blur;
         DROP INDEX documents_by_digest; DROP INDEX journal_old; DROP INDEX journal_refused_of;
         ALTER TABLE documents DROP COLUMN digest; ALTER TABLE files DROP COLUMN sent_at;
         ALTER TABLE files DROP COLUMN trouble; ALTER TABLE files DROP COLUMN begun;
         ALTER TABLE file_uses DROP COLUMN held;
         UPDATE meta SET value = '{\"epoch\":\"x\",\"seq\":7}' WHERE key = 'cursor';
         INSERT INTO drafts VALUES (x'00112233445566778899aabbccddeeff', '{}', NULL, 1);
         PRAGMA user_version = 1",
    )
    .unwrap();
    let bytes = city.doc(left).save();
    old.execute("INSERT INTO documents (work_order, accepted) VALUES (?1, ?2)", rusqlite::params![left.0, bytes])
        .unwrap();
    drop(old);
    phone.restart();
    assert_eq!(phone.store.waiting().unwrap(), [(waiting, ids[0])]);
    assert_eq!(phone.notes(ids[0]), ["waiting"]);
    let found = "SELECT count(*) FROM found WHERE found MATCH 'ald*'";
    let found: u32 = phone.store.db().query_row(found, [], |row| row.get(0)).unwrap();
    assert_eq!(found, 4, "what was there before is found");
    phone.sync(&mut city);
    assert_eq!(phone.store.state_of(waiting).unwrap(), Some(coldpatch_mobile::engine::store::State::Accepted));
    let drafts: u32 = phone.store.db().query_row("SELECT count(*) FROM drafts", [], |row| row.get(0)).unwrap();
    assert_eq!(drafts, 1);
    phone.agrees_with(&mut city);
}
