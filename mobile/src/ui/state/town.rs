//! The city as screens need it: parsed, with its map and its clock.

use crate::ui::components::map::BaseMap;
use crate::ui::when::Zone;
use coldpatch_shared::city::{City, CityError, CityFiles};
use std::ops::Deref;
use std::rc::Rc;

/// A city. Clones share it; two are equal when they are the same one.
#[derive(Debug, Clone)]
pub struct Town(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    city: City,
    base: BaseMap,
    zone: Zone,
}

impl Town {
    /// Reads a city's files.
    ///
    /// # Errors
    /// [`CityError`]: which file is wrong, where and why.
    pub fn read(files: &CityFiles) -> Result<Self, CityError> {
        let city = City::parse(files)?;
        let (base, zone) = (BaseMap::of(&city), Zone::named(&city.time_zone));
        Ok(Self(Rc::new(Inner { city, base, zone })))
    }

    /// Its base map.
    #[must_use]
    pub fn base(&self) -> BaseMap {
        self.0.base.clone()
    }

    /// Its time zone.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.0.zone
    }
}

impl PartialEq for Town {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Town {
    type Target = City;

    fn deref(&self) -> &City {
        &self.0.city
    }
}
