use super::{judge, targets};
use crate::{
    args::CheckArgs, config::options::Options, error::Problem, failure::Failure, line::Line,
    ready::ready, session::Session, settled::Settled, work::Work,
};

/// `proctor-cli check`.
pub fn check(session: &Session, arguments: &CheckArgs) -> Result<u8, Failure> {
    let config = session.config(arguments.target.config.config.as_deref())?;
    let settled = Settled::settle(session, Ok(Options::default()), config.as_ref())?;
    let planned = targets(session, &arguments.target, &settled, config)?;
    let mut reports = Vec::new();
    for work in Work::of_all(session, ready(session, planned)?)? {
        let line = &mut Line::new(session, &work, &|_| {});
        let answer = proctor::services::check(&work.target, line);
        session.terminal.result(&described(&work, &answer), false);
        reports.extend(answer.err().map(|problem| work.without_run(problem)));
    }
    Ok(judge(&reports))
}

fn described(work: &Work, answer: &Result<Vec<String>, Problem>) -> String {
    let title = format!("{} ({})", work.target.name, work.target.provider);
    match answer {
        Ok(facts) => {
            let facts: String = facts.iter().map(|fact| format!("  {fact}\n")).collect();
            format!("{title}: ready\n{facts}")
        }
        Err(problem) => format!(
            "{title}: {}\n  {}\n  who: {}\n  next: {}\n",
            problem.code.name(),
            problem.message,
            problem.who,
            problem.next
        ),
    }
}
