//! The city of a world: the demo city with a third crew, and one person for each phone.

use crate::network::PhoneId;
use crate::world::{PhonePlan, Role};
use coldpatch_shared::api::Session;
use coldpatch_shared::city::{City, CityError, Crew, Person, Role as CityRole, demo_files};
use coldpatch_shared::ids::{CrewId, DeviceId, UserId};
use std::sync::{Arc, OnceLock};

/// The crews' names; a plan's crew is a place in here.
const CREWS: [&str; crate::world::CREWS as usize] = ["crew-1", "crew-4", "crew-7"];

/// Who works for the city at the moment.
#[derive(Debug)]
pub(crate) struct People {
    city: City,
    edits: u64,
}

impl People {
    /// The city with a person for each phone.
    pub(crate) fn new(phones: &[PhonePlan]) -> Result<Self, CityError> {
        static HARBOR: OnceLock<City> = OnceLock::new();
        let mut city = match HARBOR.get() {
            Some(city) => city.clone(),
            None => {
                let city = harbor()?;
                HARBOR.get_or_init(|| city).clone()
            }
        };
        city.people = phones.iter().map(|planned| person(planned.phone, planned.role, planned.crew)).collect();
        let mut people = Self { city, edits: 0 };
        people.edited();
        Ok(people)
    }

    fn edited(&mut self) {
        self.edits += 1;
        self.city.version = format!("{:016x}", self.edits);
    }

    /// The city as its files now say.
    pub(crate) fn city(&self) -> Arc<City> {
        Arc::new(self.city.clone())
    }

    /// Who a phone's person is now.
    pub(crate) fn session(&self, phone: PhoneId, device: DeviceId) -> Option<Session> {
        session(&self.city, phone, device)
    }

    /// Another crew; for inspectors and supervisors, other departments and districts.
    pub(crate) fn move_to(&mut self, phone: PhoneId, crew: u8) {
        let role = self.city.person(&user(phone)).map(|person| match person.role {
            CityRole::Crew => Role::Crew,
            CityRole::Supervisor => Role::Supervisor,
            _ => Role::Inspector,
        });
        if let Some(role) = role {
            self.put(person(phone, role, crew));
        }
    }

    /// Another role.
    pub(crate) fn change_role(&mut self, phone: PhoneId, role: Role) {
        self.put(person(phone, role, phone.0 % crate::world::CREWS));
    }

    fn put(&mut self, person: Person) {
        if let Some(known) = self.city.people.iter_mut().find(|known| known.id == person.id) {
            *known = person;
        }
        self.edited();
    }
}

/// The session of a phone's person, as a server with these files has it.
pub(crate) fn session(city: &City, phone: PhoneId, device: DeviceId) -> Option<Session> {
    let person = city.person(&user(phone))?;
    Some(Session {
        device,
        user: person.id.clone(),
        name: person.name.clone(),
        role: person.role,
        crew: person.crew.clone(),
    })
}

/// Parsing takes longer than a small world.
fn harbor() -> Result<City, CityError> {
    let mut city = City::parse(&demo_files())?;
    city.crews.insert(
        0,
        Crew {
            id: CrewId::from("crew-7"),
            name: "Crew 7".to_owned(),
            departments: vec!["streets".into(), "water".into()],
            districts: vec!["mill-hill".into()],
        },
    );
    Ok(city)
}

fn user(phone: PhoneId) -> UserId {
    UserId(format!("person-{}", phone.0))
}

fn person(phone: PhoneId, role: Role, crew: u8) -> Person {
    let crew_name = CREWS.get(usize::from(crew)).copied().unwrap_or("crew-1");
    let follows =
        |part: u8, id: &str| if role != Role::Crew && crew == part { vec![id.to_owned()] } else { Vec::new() };
    Person {
        id: user(phone),
        name: format!("Person {}", phone.0),
        role: match role {
            Role::Crew => CityRole::Crew,
            Role::Inspector => CityRole::Inspector,
            Role::Supervisor => CityRole::Supervisor,
        },
        crew: (role == Role::Crew).then(|| CrewId::from(crew_name)),
        department: "streets".into(),
        departments: follows(1, "streets").iter().map(|id| id.as_str().into()).collect(),
        districts: follows(2, "mill-hill").iter().map(|id| id.as_str().into()).collect(),
    }
}
