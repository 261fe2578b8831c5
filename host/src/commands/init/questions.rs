//! Targets by questions: the service, what a run needs, and what else has to be said.

use crate::{
    bindings::proctor::ci::types::Parameter, cli::InitArgs, config::url, failure::Failure,
};

use super::{
    super::session::Session,
    ask::Ask,
    chosen::chosen,
    given,
    offer::Offers,
    wanted::{self, Names, Wanted, name_of_target},
};

/// Asks for targets until somebody says that there is no other. A service that a flag names is asked about once.
///
/// # Errors
/// If the answers end, or a flag is wrong.
pub async fn targets(
    session: &Session,
    arguments: &InitArgs,
    ask: &Ask<'_>,
) -> Result<Vec<Wanted>, Failure> {
    let mut names = Names::default();
    let mut all = Vec::new();
    loop {
        let wanted = target(session, arguments, ask, &names).await?;
        names.keep(&wanted.planned.target.name);
        all.push(wanted);
        if arguments.provider.is_some() || !ask.yes("Another target?", false).await? {
            return Ok(all);
        }
    }
}

async fn target(
    session: &Session,
    arguments: &InitArgs,
    ask: &Ask<'_>,
    names: &Names,
) -> Result<Wanted, Failure> {
    let provider = provider(session, arguments, ask).await?;
    let api_url = api_url(session, arguments, ask, &provider).await?;
    let begun = Wanted::begin(session, &provider, arguments, api_url)?;
    let mut interview = Interview {
        session,
        ask,
        offers: Offers::of(session, &begun, ask),
        wanted: begun,
    };
    let missing: Vec<Parameter> = interview.wanted.missing().cloned().collect();
    for parameter in &missing {
        interview.answer(parameter).await?;
    }
    let asked = interview.mend().await?;
    interview.narrow(asked).await?;
    let mut wanted = interview.wanted;
    wanted.planned.target.name = match &arguments.name {
        Some(name) => given::named(name)?,
        None => name(ask, &wanted, names).await?,
    };
    Ok(wanted)
}

async fn provider(
    session: &Session,
    arguments: &InitArgs,
    ask: &Ask<'_>,
) -> Result<String, Failure> {
    if let Some(named) = &arguments.provider {
        return Ok(named.clone());
    }
    let providers = &session.catalogue.providers;
    let options: Vec<(&str, String)> = providers
        .iter()
        .map(|provider| (provider.name.as_str(), provider.title.clone()))
        .collect();
    let chosen = ask
        .choice("Which service runs the tests?", &options)
        .await?;
    Ok(providers[chosen].name.clone())
}

/// The address of a service that has none of its own.
async fn api_url(
    session: &Session,
    arguments: &InitArgs,
    ask: &Ask<'_>,
    provider: &str,
) -> Result<Option<String>, Failure> {
    let known = session.catalogue.provider(provider);
    let given = session.api_url(arguments.api_url.as_deref());
    if given.is_some() || known.is_none_or(|known| !known.api_url.is_empty()) {
        return Ok(given);
    }
    loop {
        let answer = ask
            .line("Base URL of the service's API, with its path:")
            .await?;
        match url::api(&answer) {
            Ok(url) => return Ok(Some(url)),
            Err(error) => ask.say(&error),
        }
    }
}

async fn name(ask: &Ask<'_>, wanted: &Wanted, names: &Names) -> Result<String, Failure> {
    let about = wanted.about.as_deref().unwrap_or_default();
    let usual = names.make(&[about, &wanted.planned.provider.name]);
    loop {
        let answer = ask.line(&format!("Name of the target [{usual}]:")).await?;
        let name = if answer.is_empty() {
            usual.clone()
        } else {
            answer
        };
        match name_of_target(&name) {
            Ok(()) if !names.has(&name) => return Ok(name),
            Ok(()) => ask.say("Another target has this name."),
            Err(error) => ask.say(&error),
        }
    }
}

/// The questions about one target.
struct Interview<'a> {
    session: &'a Session,
    ask: &'a Ask<'a>,
    offers: Offers<'a>,
    wanted: Wanted,
}

impl Interview<'_> {
    /// Asks for a parameter, and sets or leaves it out.
    async fn answer(&mut self, parameter: &Parameter) -> Result<(), Failure> {
        self.offers.renew(&self.wanted, self.ask).await?;
        let items = self.offers.named_by(parameter);
        let chosen = chosen(self.ask, parameter, &items).await?;
        if let Some((_, Some(name))) = &chosen {
            self.wanted.about.get_or_insert_with(|| name.clone());
        }
        let value = chosen.map(|(value, _)| value);
        if value.is_some() {
            self.offers.answered(parameter);
        }
        self.wanted.set(&parameter.name, value);
        Ok(())
    }

    /// Asks until the component finds nothing wrong: for what it complains about, and else for what may be left out, one
    /// after the other. Returns what of the latter was asked for.
    async fn mend(&mut self) -> Result<Vec<String>, Failure> {
        let mut asked: Vec<String> = Vec::new();
        loop {
            let mistakes = wanted::mistakes(self.session, &self.wanted).await?;
            if mistakes.is_empty() {
                return Ok(asked);
            }
            for mistake in &mistakes {
                self.ask.say(&wanted::told(mistake));
            }
            let parameters = self.wanted.planned.provider.parameters.clone();
            let mut is_named = false;
            for mistake in &mistakes {
                let Some(name) = &mistake.parameter else {
                    continue;
                };
                if let Some(named) = parameters.iter().find(|known| known.name == *name) {
                    self.correct(named, &mistake.message, &parameters).await?;
                    is_named = true;
                }
            }
            if is_named {
                continue;
            }
            match self.next_optional(&parameters, &asked).await? {
                Some(parameter) => {
                    asked.push(parameter.name.clone());
                    self.answer(parameter).await?;
                }
                None if asked.is_empty() => {
                    wanted::validated(self.session, &self.wanted).await?;
                }
                None => asked.clear(),
            }
        }
    }

    /// Asks anew for a parameter with a mistake: first for what the message says is missing beside it, if that mends it.
    async fn correct(
        &mut self,
        named: &Parameter,
        message: &str,
        parameters: &[Parameter],
    ) -> Result<(), Failure> {
        let mut is_mended = false;
        for parameter in parameters {
            let is_missing = self.wanted.setting(&parameter.name).is_none();
            if is_missing && message.contains(&format!("`{}`", parameter.name)) {
                self.answer(parameter).await?;
                is_mended |= self.wanted.setting(&parameter.name).is_some();
            }
        }
        if !is_mended {
            self.wanted.set(&named.name, None);
            self.answer(named).await?;
        }
        Ok(())
    }

    /// A parameter that may be left out and was not asked for: first one that can be chosen from a list.
    async fn next_optional<'p>(
        &mut self,
        parameters: &'p [Parameter],
        asked: &[String],
    ) -> Result<Option<&'p Parameter>, Failure> {
        self.offers.renew(&self.wanted, self.ask).await?;
        let open: Vec<&Parameter> = parameters
            .iter()
            .filter(|parameter| !parameter.required && !asked.contains(&parameter.name))
            .filter(|parameter| self.wanted.setting(&parameter.name).is_none())
            .collect();
        let listed = open.iter().find(|parameter| self.offers.has(parameter));
        Ok(listed.or(open.first()).copied())
    }

    /// Offers what lies below that which was named, such as the suites of an app. Where it takes the place of what it
    /// belongs to, such as a website's flows, that is left out.
    async fn narrow(&mut self, mut asked: Vec<String>) -> Result<(), Failure> {
        let parameters = self.wanted.planned.provider.parameters.clone();
        loop {
            let Some(parameter) = self.next_optional(&parameters, &asked).await? else {
                return Ok(());
            };
            if !self.offers.has(parameter) {
                return Ok(());
            }
            let before = self.wanted.clone();
            self.answer(parameter).await?;
            let wrong = wanted::mistakes(self.session, &self.wanted).await?;
            if !wrong.is_empty() {
                for name in &asked {
                    self.wanted.set(name, None);
                }
                if !wanted::mistakes(self.session, &self.wanted)
                    .await?
                    .is_empty()
                {
                    self.ask
                        .say(&format!("It is left out: {}", wanted::told(&wrong[0])));
                    self.wanted = before;
                }
            }
            asked.push(parameter.name.clone());
        }
    }
}
