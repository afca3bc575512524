//! A person's own sign-ins of the last days, and "This wasn't me".

use app::recent_sign_ins::{AtMicrosoft, Said, SignIn, Step, Stopped, Way};
use model::{Ts, session::SessionAudience};

use crate::{
    answer::{Answer, Desk, see_other},
    cookies::Jar,
    csrf::Form,
    pages::portal::recent_sign_ins::{Line, RecentSignIns, WasNotMe},
    sign_in::set_cookie,
    visitor::SignedIn,
    wording::{count, devices, events, times},
};

/// The page.
pub(super) async fn show(me: SignedIn, desk: Desk) -> Answer {
    let house = &desk.counter.house;
    let (found, now) = (house.recent_sign_ins(&me).await?, house.now());
    let page = RecentSignIns {
        sign_ins: found.sign_ins.iter().map(|it| line(it, now)).collect(),
        stopped: found.stopped.iter().map(|it| stopped(it, now)).collect(),
        wrong_passwords: match found.wrong_passwords {
            0 => String::new(),
            times => count(times, "wrong password was", "wrong passwords were"),
        },
        was_not_me: found.said.map(|said| was_not_me(said, now)),
        password_elsewhere: found.password_elsewhere.unwrap_or_default(),
    };
    desk.page(&desk.portal_chrome(&me).await?, &page)
}

/// Shuts everybody else out: this browser gets a new secret.
pub(super) async fn disown(me: SignedIn, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    let secret = desk.counter.house.disown_sign_ins(&me, desk.guest.visitor()).await?;
    let mut answer = see_other("/portal/sign-ins");
    set_cookie(&mut answer, &Jar::Session.set(&secret, desk.counter.is_secure()))?;
    Ok(answer)
}

fn line(sign_in: &SignIn, now: Ts) -> Line {
    let (device, proved, current) = match &sign_in.way {
        Way::Browser { events, remembered, current, .. } => {
            let proved = events::grounds(events);
            let spared = if *remembered { ", this browser was remembered" } else { "" };
            let device = devices::name(&sign_in.client.user_agent);
            (device, format!("{proved}{spared}"), *current)
        }
        Way::Program(times) => {
            let device = match sign_in.client.user_agent.as_str() {
                "" => "A program".to_owned(),
                agent => format!("The program {agent}"),
            };
            (device, format!("Password, {}", count(*times, "time", "times")), false)
        }
    };
    Line {
        title: device,
        proved,
        opened: opened(sign_in),
        address: sign_in.client.address.clone(),
        at: times::when(sign_in.at, now),
        current,
    }
}

/// Where they went: applications by name, or the doors of this house.
fn opened(sign_in: &SignIn) -> String {
    let console = matches!(sign_in.way, Way::Browser { audience: SessionAudience::Admin, .. });
    if console {
        "The console".to_owned()
    } else if sign_in.applications.is_empty() {
        "Your own page".to_owned()
    } else {
        sign_in.applications.join(", ")
    }
}

fn stopped(tries: &Stopped, now: Ts) -> Line {
    let (title, proved) = match tries.step {
        Step::SecondFactor => ("Stopped at the second factor", "A code was wrong, or used before"),
        Step::LettingIn => ("Not let in", "Your organisation's rules said no"),
    };
    Line {
        title: title.to_owned(),
        proved: proved.to_owned(),
        opened: count(tries.times, "try", "tries"),
        address: tries.address.clone(),
        at: times::when(tries.at, now),
        current: false,
    }
}

fn was_not_me(said: Said, now: Ts) -> WasNotMe {
    let at_microsoft = match said.at_microsoft {
        AtMicrosoft::None => "",
        AtMicrosoft::Ended => "Your sessions at Microsoft have ended, too: sign in there again.",
        AtMicrosoft::UnderWay => {
            "Your sessions at Microsoft are being ended, too. If this still stands here in ten \
             minutes, tell your help desk."
        }
        AtMicrosoft::NotFromHere => {
            "Your sessions at Microsoft can't be ended from here just now: tell your help desk, who \
             can."
        }
    };
    WasNotMe {
        said: times::when(said.at, now),
        at_microsoft: at_microsoft.to_owned(),
        password_changed: said.password_changed,
    }
}
