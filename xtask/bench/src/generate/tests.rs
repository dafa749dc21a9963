use super::day::{ON_BOTH, ON_THE_PHONE, ON_THE_SERVER, day};
use super::*;
use coldpatch_shared::sync::judge::judge;
use coldpatch_shared::sync::wire::SentChange;

fn some(count: u64) -> (World, Vec<Order>, CrewId) {
    let world = World::new(311).unwrap();
    let crew = CrewId::from("crew-4");
    let orders = (0..count).map(|number| world.order(number, &crew).unwrap()).collect();
    (world, orders, crew)
}

#[test]
fn the_same_seed_makes_the_same_documents_byte_for_byte() {
    let (world, orders, crew) = some(3);
    let mut again = world.order(2, &crew).unwrap();
    assert_eq!(orders[2].clone().doc.save(), again.doc.save());
    let mut other = World::new(312).unwrap().order(2, &crew).unwrap();
    assert_ne!(again.doc.save(), other.doc.save());
}

#[test]
fn work_orders_have_about_ten_changes_and_both_open_and_closed_ones_occur() {
    let (_, orders, _) = some(300);
    let changes: usize = orders.iter().map(|order| order.changes.len()).sum();
    assert!((9 * 300..12 * 300).contains(&changes), "{changes} changes in 300 work orders");
    let closed = orders.iter().filter(|order| order.view().unwrap().status.is_closed()).count();
    assert!((100..220).contains(&closed), "{closed} of 300 are closed");
}

#[test]
fn a_day_has_120_changes_on_the_server_and_100_on_the_phone() {
    let (world, orders, crew) = some(240);
    let day = day(&world, &orders, &crew, 7).unwrap();
    let count = |side: &[day::Edited]| (side.len(), side.iter().map(|edited| edited.changes.len()).sum::<usize>());
    assert_eq!(count(&day.on_server), (ON_THE_SERVER, 120));
    assert_eq!(count(&day.on_phone), (ON_THE_PHONE, 100));
    assert_eq!(day.merged.len(), ON_THE_SERVER + ON_THE_PHONE - ON_BOTH);
    for edited in &day.on_phone {
        let merged = &mut day.merged[&edited.id].clone().doc;
        assert!(edited.changes.iter().all(|made| merged.has(&made.change.hash())));
    }
}

#[test]
fn what_was_done_on_the_phone_passes_the_servers_judge() {
    let (world, orders, crew) = some(240);
    let day = day(&world, &orders, &crew, 7).unwrap();
    for edited in &day.on_phone {
        let mut doc = orders.iter().find(|order| order.id == edited.id).unwrap().doc.clone();
        for made in &edited.changes {
            let bytes = made.change.raw_bytes().to_vec();
            let sent = SentChange { work_order: edited.id, bytes };
            doc = judge(Some(&doc), &sent, &day.phone_of.session()).unwrap().doc;
        }
    }
}

#[test]
fn the_plain_document_says_what_the_work_order_says() {
    let (_, orders, _) = some(40);
    for order in &orders {
        let view = order.view().unwrap();
        let flat = flat::flat(&view).unwrap();
        assert_eq!(flat["description"], view.description);
        assert_eq!(flat["requests"].as_array().unwrap().len(), view.requests.len());
        let fields = flat.as_object().unwrap().len();
        assert!((15..=25).contains(&fields), "{fields} fields");
    }
}
