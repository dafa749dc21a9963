use super::*;

const LINK: Link = Link { name: "test", round_trip: Duration::from_millis(60), rate: 100_000.0 };

/// A server that answers each byte `n` with `n` thousand bytes.
fn server() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut phone in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut asked = [0];
                while phone.read_exact(&mut asked).is_ok() {
                    phone.write_all(&vec![1; usize::from(asked[0]) * 1_000]).unwrap();
                }
            });
        }
    });
    port
}

fn connected(link: Link) -> (Proxy, TcpStream) {
    let proxy = Proxy::start(link).unwrap();
    proxy.lead(server());
    let phone = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port)).unwrap();
    phone.set_nodelay(true).unwrap();
    (proxy, phone)
}

fn ask(phone: &mut TcpStream, thousands: u8) -> Duration {
    let start = Instant::now();
    phone.write_all(&[thousands]).unwrap();
    phone.read_exact(&mut vec![0; usize::from(thousands) * 1_000]).unwrap();
    start.elapsed()
}

#[test]
fn an_exchange_takes_a_round_trip_and_its_bytes_time_and_a_new_connection_one_more() {
    let (proxy, mut phone) = connected(LINK);
    let cold = ask(&mut phone, 1);
    assert!(cold >= Duration::from_millis(130), "two round trips and 1 kB took {cold:?}");
    proxy.reset();
    let warm = ask(&mut phone, 10);
    assert!(warm >= Duration::from_millis(160), "a round trip and 10 kB took {warm:?}");
    assert!(warm < Duration::from_millis(400), "a round trip and 10 kB took {warm:?}");
    assert_eq!(proxy.counted(), Counted { up: 1, down: 10_000, connections: 0, arrived: 1, round_trips: 1 });
}

#[test]
fn exchanges_that_wait_for_each_other_are_round_trips_and_those_at_once_are_one() {
    let (proxy, mut phone) = connected(LINK);
    ask(&mut phone, 1);
    proxy.reset();
    for _ in 0..3 {
        ask(&mut phone, 1);
    }
    assert_eq!(proxy.counted().round_trips, 3);
    proxy.reset();
    phone.write_all(&[1, 1, 1]).unwrap();
    phone.read_exact(&mut [0; 3_000]).unwrap();
    assert_eq!(proxy.counted().round_trips, 1);
}

#[test]
fn two_connections_share_a_link() {
    let (proxy, mut one) = connected(LINK);
    let mut two = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port)).unwrap();
    ask(&mut one, 1);
    ask(&mut two, 1);
    let start = Instant::now();
    let other = thread::spawn(move || ask(&mut two, 10));
    ask(&mut one, 10);
    other.join().unwrap();
    let both = start.elapsed();
    assert!(both >= Duration::from_millis(260), "20 kB over 100 kB/s and a round trip took {both:?}");
}

#[test]
fn what_one_side_sends_does_not_wait_for_what_the_other_sends() {
    let proxy = Proxy::start(Link { round_trip: Duration::ZERO, ..LINK }).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    proxy.lead(listener.local_addr().unwrap().port());
    let exchange = |mut stream: TcpStream| {
        let mut sending = stream.try_clone().unwrap();
        let sender = thread::spawn(move || sending.write_all(&[7; 30_000]).unwrap());
        stream.read_exact(&mut [0; 30_000]).unwrap();
        sender.join().unwrap();
    };
    let start = Instant::now();
    let server = thread::spawn(move || exchange(listener.accept().unwrap().0));
    exchange(TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port)).unwrap());
    server.join().unwrap();
    let both = start.elapsed();
    assert!(both >= Duration::from_millis(300) && both < Duration::from_millis(580), "both ways took {both:?}");
}

#[test]
fn the_end_of_a_connection_arrives_after_its_last_byte() {
    let (proxy, mut phone) = connected(LINK);
    phone.write_all(&[5]).unwrap();
    phone.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    phone.read_to_end(&mut answer).unwrap();
    assert_eq!(answer.len(), 5_000);
    proxy.wait_for_quiet(Duration::from_millis(1));
}
