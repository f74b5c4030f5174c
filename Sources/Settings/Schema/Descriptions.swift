/// What editors say about a key when the mouse rests on it. Defaults that a key's reader knows are added to it.
enum Descriptions {
    /// The text for one key of a mapping, by the name that messages give the mapping.
    static func text(of key: String, in what: String) -> String? { texts[what]?[key] }

    static let texts: [String: [String: String]] = [
        "the configuration": [
            "listen": "The address that senders reach.",
            "admin": "The address of health, metrics, dashboard and API.",
            "celonis": "Which Celonis team, and how to call it.",
            "models": "The data models that are loaded, by names that you choose. Each coalesces its own changes.",
            "sources": "The senders of webhooks, by names that you choose: deliveries come to POST /hooks/NAME.",
            "rules": "Which events of which source mean that which tables of which model have changed.",
            "journal": "Accepted changes on disk, so that a crash loses none.",
            "limits": "The service's bounds.",
            "notify": "Outgoing notifications as Standard Webhooks. Off until written.",
            "record": "Accepted events in a file, for `reloader simulate`. Off until written.",
            "log": "How much is logged, and how it is written.",
            "tests": "Events and what the rules must make of them; run by `reloader check`.",
        ],
        "listen": [
            "address": "HOST:PORT, [V6]:PORT, unix:/PATH, or systemd (a socket handed over by the service manager).",
            "tls": "Certificate and key, to serve https without something in front.",
            "trusted_proxies": "Address blocks whose X-Forwarded-For is believed; a unix socket's peer always is.",
            "threads": "Event loops. Default: the machine's cores, at most 4.",
        ],
        "listen.tls": [
            "certificate": "PEM file with the certificate chain.",
            "private_key": "PEM file with the certificate's private key.",
        ],
        "admin": [
            "address": "HOST:PORT, [V6]:PORT or unix:/PATH.",
            "token": "What callers must show. Required unless the address is loopback or a unix socket.",
        ],
        "celonis": [
            "base_url": "The team's address, scheme and host only: https://TEAM.REALM.celonis.cloud.",
            "auth": "The credentials. Their user needs Edit permission on the data pools.",
            "request_timeout": "How long one call to Celonis may take.",
            "max_concurrent_loads": "Over all models; one per model always.",
            "tables_cache": "How long a model's table list is trusted. An unknown name refreshes it at once.",
            "poll": "How often a running load is looked at.",
            "dry_run": "Do everything but the load itself; jobs end `dry_run`.",
            "ca_file": "PEM file of further certificate authorities.",
            "proxy": "HTTP proxy for the calls to Celonis. Default: from HTTPS_PROXY.",
        ],
        "celonis.auth": [
            "type": "oauth_client, application_key or api_key.",
            "client_id": "The OAuth client's id.",
            "client_secret": "The OAuth client's secret; its scope must hold integration.data-pools.",
            "client_authentication": "How the client shows who it is: HTTP Basic or form fields.",
            "key": "The application key or API key.",
        ],
        "celonis.poll": [
            "initial": "The first wait between two looks.",
            "maximum": "The longest wait between two looks.",
            "start_within": "How long a new load may take to show before it counts as unconfirmed.",
        ],
        "a model": [
            "pool_id": "Id of the data pool, as in the address of its page in Celonis.",
            "data_model_id": "Id of the data model, as in the address of its page in Celonis.",
            "debounce": """
            Quiet period: load after this long without a further change; 0s loads at once. \
            Default: the smaller of 30s and max_wait.
            """,
            "max_wait": "A change never waits longer than this for the quiet period. At least debounce.",
            "load_cost": "Instead of debounce: load once the waiting changes have together waited this long.",
            "min_interval": "Shortest time between the starts of two loads of this model.",
            "confirm": "What an end that cannot be seen means: best_effort counts it as loaded, required tries again.",
            "load_timeout": "How long a load is watched before its end counts as unseen.",
            "retry": "When a load that failed is tried again.",
            "wait_for_all": "Sets of tables that wait until all of the set have changed. Off until written.",
            "reload_together": "Sets of tables: a load of one of them loads all. Off until written.",
            "complete_load_above": """
            From this share of the model's tables on (0 to 1), one complete load instead. Off until written.
            """,
            "before": "A data job that must succeed before each load. Off until written.",
        ],
        "retry": [
            "give_up_after": "From the first attempt; then the job is failed, and stays visible.",
            "initial": "The first wait before another attempt; it grows with each.",
            "maximum": "The longest wait before another attempt.",
        ],
        "wait_for_all": [
            "tables": "Two tables or more.",
            "at_most": "Then those that did change are loaded without the others. Default: max_wait.",
        ],
        "before": [
            "data_job": "Id of the data job.",
            "mode": "How much the job extracts.",
        ],
        "a source": [
            "signature": "How deliveries prove who sent them: a preset's name, your own scheme, a token, or none.",
            "secrets": "Any of these may verify a delivery; the first is the current one. Not with signature: none.",
            "allow_from": "Address blocks that may deliver. Default: all; must be written with signature: none.",
            "max_body": "Longer deliveries are refused (413).",
            "event_id": """
            What tells a repeated delivery: JSONPaths or headers that the signature covers, together one key. \
            Default: the preset's own; a scheme of your own has none.
            """,
            "duplicate_window": "How long an event's id is remembered.",
            "handshake": "Answer this sender's question whether the address is ours. Off until written.",
            "rate_limit": "More deliveries than this are answered 429. Off until written.",
            "expect_every": "A silence longer than this is told in health (`degraded`). Off until written.",
            "on_silence": "A load to be safe after such a silence. Off until written.",
        ],
        "signature": [
            "header": "The header that carries the signature.",
            "algorithm": "The hash of the HMAC.",
            "encoding": "How the signature is written.",
            "prefix": "What stands before the signature, e.g. \"sha256=\".",
            "signed": "What is signed: {body} and {header:NAME} with text between them.",
            "timestamp": "A signed header with the time, against replays. Off until written.",
            "bearer": "The sender cannot sign: `Authorization: Bearer SECRET`.",
            "basic": "The sender cannot sign: the secret is the password of HTTP Basic.",
            "header_token": "The sender cannot sign: this header holds the secret.",
        ],
        "signature.timestamp": [
            "header": "The header with decimal Unix seconds; `signed` must contain it.",
            "tolerance": "How far it may be from now, in both directions.",
        ],
        "rate_limit": [
            "per_second": "Deliveries a second in the long run.",
            "burst": "How many may come at once. Default: what two seconds bring.",
        ],
        "on_silence": ["reload": "What to load."],
        "a rule": [
            "name": "Unique in the file; shown wherever the rule is told as a reason.",
            "source": "A source's name, or a list of them.",
            "when":
                "JSONPath (RFC 9535) or header:NAME -> condition; all must hold. Absent: every event of the source.",
            "reload": "Which tables of which model have changed; one, or a list.",
        ],
        "when": [
            "any": "At least one of these mappings must hold.",
            "all": "All of these mappings must hold.",
            "none": "Not one of these mappings may hold.",
        ],
        "a condition": [
            "in": "One of these values.",
            "glob": "Text like this, as a whole: * stands for any characters, ? for one.",
            "matches": "Text that matches this regular expression (I-Regexp, RFC 9485) as a whole.",
            "above": "A number greater than this.",
            "below": "A number less than this.",
            "exists": "true: the path selects something. false: it selects nothing.",
            "not": "Holds exactly when this condition does not, so also when the path selects nothing.",
        ],
        "reload": [
            "model": "A model's name.",
            "tables": """
            Aliases, names or ids of tables; `all` for a complete load; or a mapping that takes them from the event \
            (`from`) or names a data connection (`data_source`).
            """,
        ],
        "tables": [
            "from": "JSONPath; every string that it selects is a table's name.",
            "strip_prefix":
                "Removed from the front of a name. Applied in this order: strip_prefix, replace, map, case.",
            "replace": "A pattern, and what stands for what it matches.",
            "map": "From the sender's names to the model's; a hit is final.",
            "case": "Upper or lower case of the name.",
            "unknown": "A name that the model does not have: a failed job of its own, or dropped and noted.",
            "data_source": "Every table fed by this data connection: its id, or a JSONPath to one.",
        ],
        "replace": [
            "pattern": "I-Regexp (RFC 9485) for the whole name.",
            "with": "The new name; $1 is the first group.",
        ],
        "journal": [
            "path": "SQLite file. Off until written: then the queue is in memory only.",
            "sync": "How much a commit waits for the disk.",
        ],
        "limits": [
            "connections": "Open connections at once.",
            "header_timeout": "How long a request's head may take.",
            "body_timeout": "How long a request's body may take.",
            "idle_timeout": "How long a connection may rest between two requests.",
            "history": "Events, and as many jobs, kept for the why-trail.",
            "remembered_ids": "Event ids kept to tell duplicates; the oldest go first.",
            "drain_timeout": "How long SIGTERM waits for running loads.",
        ],
        "notify": [
            "url": "Where notifications are posted.",
            "secret": "What they are signed with.",
            "on": "What is worth a notification.",
        ],
        "record": [
            "path": "File with one event a line.",
            "max_size": "Then the file is rotated, once.",
        ],
        "log": [
            "level": "From the most to the fewest lines.",
            "format": "For people or for machines.",
        ],
        "a test": [
            "name": "Unique in the file.",
            "source": "The source that the event comes from.",
            "headers": "Header fields of the delivery, where rules look at any.",
            "body": "The event.",
            "expect": "Exactly the tables that change, per model; [] for none. Order does not matter.",
        ],
        "expect": [
            "model": "A model's name.",
            "tables": "The tables after mapping, or `all`.",
        ],
    ]
}
