//! The services that start runs, with runs that are short.

/// What is run at a service.
pub struct Place {
    pub name: &'static str,
    /// Its name in the sandbox, and its part of the scenario.
    pub stand_in: &'static str,
    pub settings: &'static str,
    pub variable: &'static str,
    pub key: &'static str,
    /// The target in `proctor.toml`; `{api}` is the base URL, `{system}` the system under test, `{id}` what is run.
    pub target: &'static str,
    /// The call that starts a run.
    pub trigger: (&'static str, &'static str),
    /// What passes, then what fails: what the target names, and for each trigger what its path contains.
    pub runs: [(&'static str, &'static [&'static str]); 2],
    /// Whether the service knows a repeated request by its key.
    pub is_keyed: bool,
    /// Whether a run can always be found that was started by a request of which the answer is not known.
    pub finds: bool,
}

pub const KEPLOY: Place = Place {
    name: "keploy",
    stand_in: "keploy",
    settings: r#"
        allow_private_targets = true
        requests_per_minute = 10000
        burst = 1000
        [[keploy.apps]]
        id = "app-pass"
        suites = [{ id = "first", duration_ms = 300 }, { id = "second", duration_ms = 300 }]
        [[keploy.apps]]
        id = "app-fail"
        suites = [{ id = "first", duration_ms = 300 }, { id = "fail", duration_ms = 300 }]
        [[keploy.apps]]
        id = "app-long"
        suites = [{ id = "first", duration_ms = 15000 }]
        [[keploy.apps]]
        id = "app-endless"
        suites = [{ id = "first", duration_ms = 600000 }]
    "#,
    variable: "KEPLOY_API_KEY",
    key: "kep_sandbox",
    target: "provider = \"keploy\"\napi_url = \"{api}\"\napp = \"{id}\"\nbase_url = \"{system}\"",
    trigger: ("POST", "/apps/*/test-suites/run"),
    runs: [("app-pass", &["app-pass"]), ("app-fail", &["app-fail"])],
    is_keyed: false,
    finds: true,
};

pub const CHECKVIEW: Place = Place {
    name: "checkview",
    stand_in: "checkview",
    settings: "requests_per_minute = 10000",
    variable: "CHECKVIEW_API_TOKEN",
    key: "cvpat_sandbox",
    target: "provider = \"checkview\"\napi_url = \"{api}\"\nflow = [\"{id}\"]",
    trigger: ("POST", "/test-flows/*/run"),
    runs: [("flow-pass", &["flow-pass"]), ("flow-fail", &["flow-fail"])],
    is_keyed: true,
    finds: true,
};

/// The same with runs that go on for longer than a short time limit, twice.
pub const CHECKVIEW_SLOW: Place = Place {
    settings: "requests_per_minute = 10000\nqueue_ms = 30000",
    ..CHECKVIEW
};

/// Two runs, of which the second is triggered after the first.
pub const CHECKVIEW_TWICE: Place = Place {
    name: "checkview, two flows",
    runs: [
        ("flow-pass\", \"flow-buggy", &["flow-pass", "flow-buggy"]),
        ("flow-pass\", \"flow-fail", &["flow-pass", "flow-fail"]),
    ],
    settings: r#"
        requests_per_minute = 10000
        [[checkview.websites]]
        id = "site"
        name = "Site"
        url = "https://site.example.com"
        flows = [
            { id = "flow-pass", name = "Passes", outcome = "pass" },
            { id = "flow-buggy", name = "Passes too", outcome = "pass" },
            { id = "flow-fail", name = "Fails", outcome = "fail" },
        ]
    "#,
    ..CHECKVIEW
};

/// The last test passes as it did before, so that only what is seen of its run on the way shows that it is new.
pub const TESTCLIX: Place = Place {
    name: "testclix",
    stand_in: "testclix",
    settings: r#"
        [[testclix.tests]]
        id = "01GDFIXED&01AAAA"
        before = "error"
        after = "pass"
        processing_ms = 5000
        [[testclix.tests]]
        id = "01GDFAIL&01AAAA"
        before = "pass"
        after = "error"
        processing_ms = 5000
        [[testclix.tests]]
        id = "01GDSAME&01AAAA"
        before = "pass"
        after = "pass"
        processing_ms = 3000
    "#,
    variable: "TESTCLIX_API_KEY",
    key: "testclix-sandbox",
    target: "provider = \"testclix\"\napi_url = \"{api}\"\ntest = [\"{id}\"]",
    trigger: ("POST", "/execute/*"),
    runs: [
        ("01GDFIXED&01AAAA", &["01GDFIXED"]),
        ("01GDFAIL&01AAAA", &["01GDFAIL"]),
    ],
    is_keyed: false,
    finds: false,
};

pub const IZLI: Place = Place {
    name: "izli",
    stand_in: "izli",
    settings: r#"
        requests_per_minute = 10000
        [[izli.api_monitors]]
        id = "apm_success"
        [[izli.api_monitors]]
        id = "apm_failed"
    "#,
    variable: "IZLI_API_KEY",
    key: "izli_agent_sandbox",
    target: "provider = \"izli\"\napi_url = \"{api}\"\napi_monitor = \"{id}\"",
    trigger: ("POST", "/api-monitors/*/trigger"),
    runs: [
        ("apm_success", &["apm_success"]),
        ("apm_failed", &["apm_failed"]),
    ],
    is_keyed: false,
    finds: true,
};

/// The sandbox's Keploy, of which Proctor knows nothing but what the target says.
pub const HTTP: Place = Place {
    name: "http",
    settings: r#"
        allow_private_targets = true
        link = "same-id"
        requests_per_minute = 10000
        burst = 1000
        [[keploy.apps]]
        id = "app-pass"
        suites = [{ id = "first", duration_ms = 300 }]
        [[keploy.apps]]
        id = "app-fail"
        suites = [{ id = "fail", duration_ms = 300 }]
    "#,
    variable: "PROCTOR_HTTP_KEY",
    target: r#"
        provider = "http"
        api_url = "{api}"
        auth = "x-api-key"
        trigger = "POST /apps/{id}/test-suites/run"
        trigger_body = '{"base_url": "{system}"}'
        run_id = "$.data.job_id"
        poll = "GET /jobs/{run_id}"
        state = "$.data.job_status"
        results = "GET /apps/{id}/test-runs/{run_id}/suite-reports?page_size=20"
        tests = "$.data"
        test_name = "$.suite_name"
        test_verdict = "$.status"
        passed = ["COMPLETED", "passed"]
        failed = ["FAILED"]
        queued = ["QUEUED"]
        running = ["RUNNING"]
    "#,
    finds: false,
    ..KEPLOY
};
