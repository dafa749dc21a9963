//! A work order with 500 changes stays quick. Run by hand, it prints what it measures:
//! `cargo test -p coldpatch-mobile --no-default-features --features engine --test engine long -- --ignored --nocapture`

use crate::city::{CREW, City, Phone, filed, note};
use coldpatch_shared::order::OrderDoc;
use std::time::Instant;

const CHANGES: usize = 500;

fn ms(what: &str, times: u32, mut work: impl FnMut()) {
    let began = Instant::now();
    (0..times).for_each(|_| work());
    println!("{what}: {:.3} ms", began.elapsed().as_secs_f64() * 1000.0 / f64::from(times));
}

#[test]
#[ignore = "it measures"]
fn a_work_order_with_500_changes_stays_quick() {
    let (mut city, mut phone) = (City::new(), Phone::new());
    let id = filed(&mut city);
    city.enter(CREW, id);
    (0..CHANGES).for_each(|n| city.does(id, note(&format!("The {n}th note about the hole in the street"))));
    phone.sync(&mut city);
    let mut doc = city.doc(id).clone();
    let (plain, deflated) = (doc.save_plain(), doc.save());
    println!("saved plain: {} bytes, deflated: {} bytes", plain.len(), deflated.len());
    ms("load plain", 20, || drop(OrderDoc::load(&plain).unwrap()));
    ms("load deflated", 20, || drop(OrderDoc::load(&deflated).unwrap()));
    ms("save plain", 20, || drop(doc.save_plain()));
    ms("save deflated", 20, || drop(doc.save()));
    ms("read its entries", 20, || drop(doc.facts()));
    ms("open from the database", 5, || {
        phone.restart();
        phone.order(id);
    });
    ms("an action when open", 20, || {
        phone.act(id, note("one more"));
    });
    ms("an action and a sync", 10, || {
        phone.act(id, note("one more"));
        phone.sync(&mut city);
    });
    for _ in 0..CHANGES {
        phone.act(id, note("offline all day"));
    }
    ms("open with 500 waiting", 3, || {
        phone.restart();
        phone.order(id);
    });
    let budgets = coldpatch_mobile::engine::store::Budgets { send: 1 << 20, receive: 1 << 20 };
    let round = phone.store.begin_round(phone.now, budgets).unwrap();
    let response = city.answer(round.request());
    let (now, mut round) = (phone.now, Some((round, response)));
    let clock = coldpatch_mobile::engine::store::Clock { offset_ms: 0, measured_at: now };
    ms("take their verdicts", 1, || {
        let (round, response) = round.take().unwrap();
        phone.store.take(round, response, clock, [7; 8]).unwrap();
    });
    phone.agrees_with(&mut city);
}
