//! izli.io: lists, entries, paging, filters and stats.

use serde_json::{Value, json};

use crate::izli::{get, izli, start};
use crate::support::{text, until};

#[test]
fn monitors_come_in_three_pages() {
    let sandbox = izli("");
    let first = get(&sandbox, "/monitors");
    let total = first.json()["meta"]["total"].as_u64().expect("a number");
    assert_eq!(
        first.json()["meta"],
        json!({"total": total, "page": 1, "per_page": 20})
    );
    assert_eq!(first.json()["success"], true);
    let mut ids = first.ids();
    assert_eq!(ids.len(), 20);
    for page in [2, 3] {
        let answer = get(&sandbox, &format!("/monitors?page={page}"));
        assert_eq!(answer.json()["meta"]["page"], page);
        assert!(!answer.ids().is_empty());
        ids.extend(answer.ids());
    }
    assert_eq!(ids.len() as u64, total);
    assert!(total >= 45);
    assert!(get(&sandbox, "/monitors?page=4").ids().is_empty());
    let all = get(&sandbox, "/monitors?per_page=100").ids();
    assert_eq!(all, ids);
    assert_eq!(
        get(&sandbox, "/monitors?page=2&per_page=7").ids(),
        all[7..14]
    );
    for query in ["per_page=101", "per_page=0", "page=0", "page=x", "page=-1"] {
        let answer = get(&sandbox, &format!("/monitors?{query}"));
        assert_eq!(answer.refusal(), (400, "BAD_REQUEST".to_owned()), "{query}");
    }
}

#[test]
fn lists_may_have_no_meta_or_no_envelope() {
    let data = izli("lists = \"data\"");
    let answer = get(&data, "/monitors");
    assert!(answer.list().len() >= 45);
    assert_eq!(answer.json().get("meta"), None);
    assert_eq!(get(&data, "/monitors?page=1").list().len(), 20);
    let bare = izli("lists = \"bare\"");
    let body = get(&bare, "/monitors").json();
    assert!(body.as_array().expect("a list").len() >= 45, "{body}");
    let one = get(&bare, "/monitors/mon_001").data();
    assert_eq!(one["id"], "mon_001", "only lists are bare");
}

#[test]
fn monitors_are_filtered() {
    let sandbox = izli("");
    let ids = |query: &str| get(&sandbox, &format!("/monitors?per_page=100&{query}")).ids();
    assert_eq!(ids("type=tcp"), ["mon_tcp"]);
    assert_eq!(ids("type=dns&status=active"), ["mon_dns"]);
    assert_eq!(ids("status=paused"), ["mon_paused"]);
    assert!(!ids("status=active").contains(&"mon_paused".to_owned()));
    assert!(ids("type=heartbeat").is_empty());
    for query in ["type=http", "status=failed"] {
        let answer = get(&sandbox, &format!("/monitors?{query}"));
        assert_eq!(answer.refusal(), (400, "BAD_REQUEST".to_owned()), "{query}");
    }
}

#[test]
fn entries_have_the_fields_of_their_collection() {
    let sandbox = izli(
        r#"monitors = [{ id = "m", name = "Home", locations = ["eu-west", "us-east"], interval_ms = 1500 },
                       { id = "t", type = "tcp" }, { id = "h", type = "heartbeat", paused = true }]
           journeys = [{ id = "j", max_retries = 2 }, { id = "g", locations = ["eu-west", "us-east"] }]
           api_monitors = [{ id = "a", steps = ["one", "two"] }]"#,
    );
    let created = "2024-01-15T10:30:00Z";
    let monitors = get(&sandbox, "/monitors").list();
    let home = json!({"id": "m", "name": "Home", "type": "url", "url": "https://example.com", "interval": 2,
        "status": "active", "locations": ["eu-west", "us-east"], "created_at": created});
    assert_eq!(monitors[0], home);
    assert_eq!(
        (&monitors[1]["host"], &monitors[1]["port"]),
        (&json!("db.example.com"), &json!(5432))
    );
    assert_eq!(monitors[1].get("url"), None);
    assert_eq!(monitors[2]["status"], "paused");
    let journeys = get(&sandbox, "/journeys").list();
    let journey = json!({"id": "j", "name": "j", "description": "", "interval_seconds": 300, "timeout_seconds": 60,
        "primary_location": "eu-west", "max_retries": 2, "status": "active", "created_at": created});
    assert_eq!(journeys[0], journey);
    assert_eq!(journeys[1]["primary_location"], "global");
    let api = &get(&sandbox, "/api-monitors").list()[0];
    assert_eq!(api["steps"], json!([{"name": "one"}, {"name": "two"}]));
    assert_eq!(api["locations"], json!(["eu-west"]));
}

#[test]
fn a_single_entry_has_its_last_run_and_stats() {
    let sandbox = izli(
        "monitors = [{ id = \"m\", outcome = \"failed\", duration_ms = 10 }]\npast_runs = 1\nqueue_ms = 0",
    );
    let old = get(&sandbox, "/monitors/m").data();
    assert_eq!(
        old["stats"],
        json!({"uptime_24h": 100.0, "avg_response_ms": 10})
    );
    assert_eq!(old["last_run"]["status"], "success");
    assert_eq!(old["last_run"]["duration_ms"], 10);
    let run = start(&sandbox, "/monitors/m/check")["run_id"].clone();
    let mut last = Value::Null;
    until("another last run", || {
        last = get(&sandbox, "/monitors/m").data()["last_run"].clone();
        last["id"] != old["last_run"]["id"]
    });
    assert_eq!((&last["id"], &last["status"]), (&run, &json!("failed")));
    assert!(text(&last["completed_at"]).ends_with('Z'));
    let stats = get(&sandbox, "/monitors/m/stats").data();
    assert_eq!(stats, json!({"uptime_24h": 50.0, "avg_response_ms": 10}));
}

#[test]
fn the_last_run_may_be_left_out_or_empty() {
    let without = izli("last_run = false");
    assert_eq!(
        get(&without, "/journeys/jrn_success")
            .data()
            .get("last_run"),
        None
    );
    let never = izli("past_runs = 0");
    let entry = get(&never, "/journeys/jrn_success").data();
    assert_eq!(entry["last_run"], Value::Null);
    let stats = get(&never, "/journeys/jrn_success/stats").data();
    assert_eq!(stats, json!({"uptime_24h": null, "avg_response_ms": null}));
    let time = izli("identity = \"time\"");
    let last = get(&time, "/journeys/jrn_success").data()["last_run"].clone();
    assert_eq!(last.get("id"), None);
    assert!(last["completed_at"].is_string());
    let nothing = izli("identity = \"nothing\"");
    let last = get(&nothing, "/journeys/jrn_success").data()["last_run"].clone();
    assert_eq!(last, json!({"status": "success", "duration_ms": 40}));
}
