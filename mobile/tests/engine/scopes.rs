//! Work orders enter the phone's scopes and leave them; pages come however they are cut.

use crate::city::{CREW, City, DEVICE, Phone, filed, note};
use coldpatch_mobile::engine::store::StoreError;

#[test]
fn what_enters_comes_what_leaves_goes_and_what_comes_back_is_whole_again() {
    let (mut city, mut phone) = (City::new(), Phone::new());
    let id = filed(&mut city);
    city.enter(CREW, id);
    assert_eq!(phone.sync(&mut city), 1);
    assert_eq!(phone.store.scopes_of(id).unwrap(), [CREW]);
    city.does(id, note("one"));
    phone.sync(&mut city);
    assert_eq!(phone.notes(id), ["one"]);
    city.leave(CREW, id);
    phone.sync(&mut city);
    assert_eq!(phone.store.work_orders().unwrap(), []);
    // What happens while it is away comes with it when it is back.
    city.does(id, note("two"));
    city.enter(CREW, id);
    phone.sync(&mut city);
    assert_eq!(phone.notes(id), ["one", "two"]);
    phone.agrees_with(&mut city);
}

#[test]
fn what_left_stays_while_it_is_needed_is_sent_and_then_goes() {
    let (mut city, mut phone) = (City::new(), Phone::new());
    let (waits, open, refused) = (filed(&mut city), filed(&mut city), filed(&mut city));
    for id in [waits, open, refused] {
        city.enter(CREW, id);
    }
    phone.sync(&mut city);
    let form = format!("job/{open}/note");
    phone.store.transact(|db| Ok(db.execute("INSERT INTO forms VALUES (?1, 'half a sent')", [&form])?)).unwrap();
    let bad = phone.act(refused, note("no"));
    city.refuses.insert(bad);
    phone.sync(&mut city);
    phone.act(waits, note("from the street"));
    for id in [waits, open, refused] {
        city.leave(CREW, id);
    }
    // The answer that says that they left is heard; what was sent with that request was not accepted in time.
    let round = phone.store.begin_round(phone.now, crate::city::BUDGETS).unwrap();
    let mut response = city.clone().answer(round.request());
    response.verdicts.clear();
    response.entered.clear();
    phone.take(round, response).unwrap();
    assert_eq!(phone.store.work_orders().unwrap().len(), 3, "each is needed for its own reason");
    assert_eq!(phone.notes(waits), ["from the street"]);

    phone.sync(&mut city);
    assert!(city.doc(waits).facts().notes.len() == 1, "it was sent");
    assert_eq!(phone.store.scopes_of(waits).unwrap(), [DEVICE], "whoever did the work sees how it ends");
    city.leave(DEVICE, waits);
    phone.sync(&mut city);
    assert!(!phone.store.work_orders().unwrap().contains(&waits));

    assert!(phone.store.put_away(bad).unwrap());
    assert_eq!(
        phone.store.work_orders().unwrap(),
        [open, refused],
        "the city may have been restored since, and lack it"
    );
    phone.sync(&mut city);
    assert_eq!(phone.store.work_orders().unwrap(), [open]);
    phone.store.transact(|db| Ok(db.execute("DELETE FROM forms", [])?)).unwrap();
    phone.sync(&mut city);
    assert_eq!(phone.store.work_orders().unwrap(), []);
    phone.agrees_with(&mut city);
}

#[test]
fn a_scope_that_the_device_no_longer_follows_takes_its_work_orders_along() {
    let (mut city, mut phone) = (City::new(), Phone::new());
    let (both, one) = (filed(&mut city), filed(&mut city));
    city.enter(CREW, both);
    city.enter(CREW, one);
    city.enter("district:north", both);
    city.follows.push("district:north".to_owned());
    phone.sync(&mut city);
    assert_eq!(phone.store.scopes_of(both).unwrap(), [CREW, "district:north"]);
    city.follows.remove(0);
    phone.sync(&mut city);
    assert_eq!(phone.store.work_orders().unwrap(), [both]);
    phone.agrees_with(&mut city);
}

#[test]
fn pages_cut_anywhere_answers_lost_and_phones_that_die_come_to_the_same() {
    for page in [1, 2, 3, 7] {
        let (mut city, mut phone) = (City::new(), Phone::new());
        let ids: Vec<_> = (0..9).map(|_| filed(&mut city)).collect();
        for (n, id) in ids.iter().enumerate() {
            city.enter(if n % 3 == 0 { DEVICE } else { CREW }, *id);
            if n % 4 == 0 {
                city.enter(CREW, *id);
            }
        }
        city.page = page;
        let mut rounds = 0;
        for step in 0..400 {
            let heard = step % 3 != 1;
            let more = phone.round(&mut city, heard).is_none_or(|taken| taken.go_on);
            rounds += 1;
            match step {
                4 => city.does(ids[0], note("meanwhile")),
                6 => city.leave(CREW, ids[4]),
                8 => drop(phone.file()),
                10 => city.does(ids[1], note("later")),
                12 => drop(phone.act(ids[8], note("mine"))),
                _ => {}
            }
            if step % 5 == 0 {
                phone.restart();
            }
            if !more && step > 12 {
                break;
            }
        }
        assert!(rounds < 200, "page {page}: {rounds}");
        phone.agrees_with(&mut city);
        let (cursors, requests) = (city.requests.iter().filter(|asked| asked.cursor.is_none()), &city.requests);
        assert!(cursors.count() <= 2 && requests.iter().all(|asked| asked.buckets.is_none()), "it never started over");
    }
}

#[test]
fn a_late_answer_of_an_earlier_round_is_not_taken() {
    let (mut city, mut phone) = (City::new(), Phone::new());
    let id = filed(&mut city);
    city.enter(CREW, id);
    let late = phone.store.begin_round(phone.now, crate::city::BUDGETS).unwrap();
    let response = city.answer(late.request());
    city.does(id, note("newer"));
    phone.sync(&mut city);
    let cursor = phone.store.cursor().unwrap();
    assert!(matches!(phone.take(late, response), Err(StoreError::LateAnswer)));
    assert_eq!(phone.store.cursor().unwrap(), cursor, "nothing moved backwards");
    phone.agrees_with(&mut city);
}

#[test]
fn the_same_answer_twice_changes_nothing() {
    let (mut city, mut phone) = (City::new(), Phone::new());
    let id = filed(&mut city);
    city.enter(CREW, id);
    let mine = phone.file();
    let round = phone.store.begin_round(phone.now, crate::city::BUDGETS).unwrap();
    let response = city.answer(round.request());
    phone.take(round, response.clone()).unwrap();
    let again = phone.store.begin_round(phone.now, crate::city::BUDGETS).unwrap();
    phone.take(again, response).unwrap();
    assert_eq!(phone.order(mine).requests.len(), 1);
    phone.sync(&mut city);
    phone.agrees_with(&mut city);
}
