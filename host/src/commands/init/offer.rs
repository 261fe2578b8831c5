//! What the service itself can list, offered for a choice. It is asked only if a key is in the environment.

use crate::{
    bindings::proctor::ci::types::{Ability, Item, Parameter},
    failure::Failure,
    secret::Secret,
    stop::Stop,
};

use super::{
    super::{credentials, session::Session},
    ask::Ask,
    wanted::{Wanted, naming},
};

/// How long a list is waited for, in milliseconds.
const LIMIT_MS: u64 = 60_000;

/// What can be run at the service, as far as the target says where to look.
pub struct Offers<'a> {
    session: &'a Session,
    key: Option<Secret>,
    /// Whether the service can be asked.
    is_open: bool,
    items: Vec<Item>,
    /// Whether what is known was listed for other settings.
    is_old: bool,
}

impl<'a> Offers<'a> {
    /// Looks whether the service can be asked, and says why if it cannot.
    pub fn of(session: &'a Session, wanted: &Wanted, ask: &Ask<'_>) -> Self {
        let mut offers = Self {
            session,
            key: None,
            is_open: false,
            items: Vec::new(),
            is_old: true,
        };
        if !wanted
            .planned
            .provider
            .abilities
            .contains(&Ability::Discover)
        {
            return offers;
        }
        match credentials::equip(session, std::slice::from_ref(&wanted.planned), None, false) {
            Ok(mut keys) => {
                offers.key = keys.pop().flatten();
                offers.is_open = true;
            }
            Err(failure) => {
                let why = &failure.problem.message;
                ask.say(&format!("Nothing is listed, so ids are typed: {why}"));
            }
        }
        offers
    }

    /// Asks the service anew, if what it listed was for other settings.
    ///
    /// # Errors
    /// If somebody stops the program. A service that does not answer is told of, and no more.
    pub async fn renew(&mut self, wanted: &Wanted, ask: &Ask<'_>) -> Result<(), Failure> {
        if !self.is_open || !self.is_old {
            return Ok(());
        }
        let mut planned = wanted.planned.clone();
        planned.target.timeout_ms = LIMIT_MS;
        let stop = Stop::new();
        let component = self.session.component_of(None);
        let call = component.discover(self.session.work(&planned, self.key.clone(), &stop));
        match self.session.unless_stopped(&stop, call).await? {
            Ok(items) => self.items = items,
            Err(problem) => {
                ask.say(&format!(
                    "Nothing is listed, so ids are typed: {}",
                    problem.message
                ));
                self.items.clear();
                self.is_open = false;
            }
        }
        self.is_old = false;
        Ok(())
    }

    /// What a parameter can name.
    pub fn named_by(&self, parameter: &Parameter) -> Vec<Item> {
        let items = self.items.iter();
        items
            .filter(|item| naming(parameter, item).is_some())
            .cloned()
            .collect()
    }

    /// Whether there is something that a parameter can name.
    pub fn has(&self, parameter: &Parameter) -> bool {
        self.items
            .iter()
            .any(|item| naming(parameter, item).is_some())
    }

    /// What lies below a thing is listed only if that is named.
    pub fn answered(&mut self, parameter: &Parameter) {
        self.is_old |= self.has(parameter);
    }
}
