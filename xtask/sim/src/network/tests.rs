use super::*;
use crate::agenda::Agenda;

type Ended = Result<Vec<u8>, NoAnswer>;

const PHONE: PhoneId = PhoneId(0);

fn network(weather: Weather) -> Network {
    let mut network = Network::default();
    network.set_weather(PHONE, weather, Seed(9));
    network
}

/// Sends one request at `now`, lets the server echo whatever arrives, and says what arrived at either end.
fn exchange(network: &mut Network, now: Ms, body: &[u8]) -> (Vec<Vec<u8>>, Vec<Ended>) {
    let mut agenda = Agenda::default();
    agenda.at(now, None);
    let (mut at_server, mut at_phone) = (Vec::new(), Vec::new());
    while let Some(event) = agenda.take() {
        let now = agenda.now();
        let underway = match event {
            None => network.send(now, PHONE, body).1,
            Some(arrival) => match network.receive(now, arrival) {
                None => Vec::new(),
                Some(Arrival::AtServer { request, body, .. }) => {
                    at_server.push(body.clone());
                    network.answer(now, request, &body)
                }
                Some(Arrival::AtPhone { ended, .. }) => {
                    at_phone.push(ended);
                    Vec::new()
                }
            },
        };
        for (at, arrival) in underway {
            agenda.at(at, Some(arrival));
        }
    }
    (at_server, at_phone)
}

#[test]
fn in_calm_weather_every_request_is_answered() {
    let mut network = network(Weather::CALM);
    for _ in 0..50 {
        assert_eq!(exchange(&mut network, 0, b"hello"), (vec![b"hello".to_vec()], vec![Ok(b"hello".to_vec())]));
    }
}

#[test]
fn whatever_the_weather_a_request_ends_exactly_once() {
    for seed in 0..500 {
        let mut network = network(Weather::draw(&mut Seed(seed).dice()));
        for nth in 0..5 {
            network.cut(PHONE, nth * 20_000 + 300);
            let (at_server, at_phone) = exchange(&mut network, nth * 20_000, b"a request of some length");
            assert_eq!(at_phone.len(), 1, "seed {seed}");
            assert!(at_server.len() <= 2);
        }
    }
}

#[test]
fn each_trouble_does_what_it_says() {
    let calm = Weather::CALM;
    let body = b"hello";
    let whole = || body.to_vec();

    let (at_server, at_phone) = exchange(&mut network(Weather { loses_request: 1_000, ..calm }), 0, body);
    assert_eq!((at_server, at_phone), (vec![], vec![Err(NoAnswer::TimedOut)]));

    let (at_server, at_phone) = exchange(&mut network(Weather { loses_answer: 1_000, ..calm }), 0, body);
    assert_eq!((at_server, at_phone), (vec![whole()], vec![Err(NoAnswer::TimedOut)]));

    let (at_server, at_phone) = exchange(&mut network(Weather { doubles: 1_000, ..calm }), 0, body);
    assert_eq!((at_server, at_phone), (vec![whole(), whole()], vec![Ok(whole())]));

    let (at_server, _) = exchange(&mut network(Weather { cuts_request: 1_000, ..calm }), 0, body);
    assert!(at_server[0].len() < body.len() && body.starts_with(&at_server[0]), "{at_server:?}");

    let (_, at_phone) = exchange(&mut network(Weather { cuts_answer: 1_000, ..calm }), 0, body);
    let answer = at_phone[0].clone().unwrap();
    assert!(answer.len() < body.len() && body.starts_with(&answer), "{answer:?}");
}

#[test]
fn a_phone_that_is_cut_off_is_alone_until_the_cut_ends() {
    let mut network = network(Weather::CALM);
    network.set_weather(PhoneId(1), Weather::CALM, Seed(9));
    network.cut(PHONE, 1_000);
    assert_eq!(exchange(&mut network, 999, b"x"), (vec![], vec![Err(NoAnswer::Unreachable)]));
    assert!(network.is_connected(PhoneId(1), 999));
    assert_eq!(exchange(&mut network, 1_000, b"x").1, [Ok(b"x".to_vec())]);
}

#[test]
fn what_is_under_way_when_the_network_is_cut_is_lost() {
    let mut network = network(Weather::CALM);
    let (_, underway) = network.send(0, PHONE, b"x");
    network.cut(PHONE, 5_000);
    let arrived: Vec<_> = underway.into_iter().filter_map(|(at, arrival)| network.receive(at, arrival)).collect();
    assert!(matches!(arrived[..], [Arrival::AtPhone { ended: Err(NoAnswer::TimedOut), .. }]), "{arrived:?}");
}

#[test]
fn a_crawling_request_reaches_the_server_after_the_phone_gave_it_up_and_sent_another() {
    let late = (0..200).any(|seed| {
        let mut network = Network::default();
        network.set_weather(PHONE, Weather { crawls: 500, ..Weather::CALM }, Seed(seed));
        let arrives = |underway: Underway| {
            underway.into_iter().find(|(_, arrival)| matches!(arrival, Arrival::AtServer { .. })).map(|(at, _)| at)
        };
        let first = arrives(network.send(0, PHONE, b"first").1);
        let second = arrives(network.send(TIMEOUT, PHONE, b"second").1);
        first > second
    });
    assert!(late);
}

#[test]
fn nobody_hears_the_answer_to_a_process_that_is_gone_and_a_stopped_server_is_heard_at_once() {
    let mut network = network(Weather::CALM);
    let (first, _) = network.send(0, PHONE, b"x");
    network.forget(PHONE);
    assert_eq!(network.answer(50, first, b"y"), []);
    let (second, _) = network.send(100, PHONE, b"x");
    let refused = network.refuse(130, second);
    let ended = Err(NoAnswer::Unreachable);
    assert_eq!(refused, [(140, Arrival::AtPhone { request: second, phone: PHONE, ended })]);
}

#[test]
fn links_do_not_disturb_each_others_dice() {
    let varied = Weather { delay: (1, 9_999), ..Weather::CALM };
    let times = |underway: &Underway| underway.iter().map(|(at, _)| *at).collect::<Vec<_>>();
    let (_, alone) = network(varied).send(0, PHONE, b"x");
    let mut two = network(varied);
    two.set_weather(PhoneId(1), varied, Seed(9));
    for _ in 0..10 {
        let (_, other) = two.send(0, PhoneId(1), b"other");
        assert_ne!(times(&other), times(&alone));
    }
    let (_, beside) = two.send(0, PHONE, b"x");
    assert_eq!(times(&beside), times(&alone));
}
