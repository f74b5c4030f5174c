/// What `GET /openapi.yaml` answers: the API of product.md §4. Kept beside the routes; the tests compare the two, and
/// `make test-api` lets a tool hold the running service against it.
package let openAPIDescription = #"""
    openapi: 3.1.0
    info:
      title: Reloader admin API
      version: "1"
      summary: See the queue of reloads, ask why, and steer it.
      license: { name: Apache-2.0, identifier: Apache-2.0 }
    security:
      - {}
      - bearer: []
      - basic: []
    paths:
      /health:
        get:
          operationId: getHealth
          summary: The whole queue
          responses:
            "200": { description: ok or degraded, content: { application/json: { schema: { $ref: "#/components/schemas/Health" } } } }
            "401": { $ref: "#/components/responses/Problem" }
            "503": { description: failing, content: { application/json: { schema: { $ref: "#/components/schemas/Health" } } } }
      /health/live:
        get:
          operationId: getLive
          summary: Whether the process answers
          security: [{}]
          responses:
            "200": { $ref: "#/components/responses/Probe" }
            "503": { $ref: "#/components/responses/Probe" }
      /health/ready:
        get:
          operationId: getReady
          summary: Whether deliveries are taken in
          security: [{}]
          responses:
            "200": { $ref: "#/components/responses/Probe" }
            "503": { $ref: "#/components/responses/Probe" }
      /metrics:
        get:
          operationId: getMetrics
          summary: Prometheus text format
          responses:
            "200": { description: metrics, content: { text/plain: { schema: { type: string } } } }
            "401": { $ref: "#/components/responses/Problem" }
      /api/v1/models:
        get:
          operationId: listModels
          summary: Every model with its configuration and state
          responses:
            "200":
              description: models by name
              content:
                application/json:
                  schema:
                    type: object
                    required: [models]
                    properties: { models: { type: array, items: { $ref: "#/components/schemas/Model" } } }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
      /api/v1/models/{model}:
        parameters: [{ $ref: "#/components/parameters/model" }]
        get:
          operationId: getModel
          summary: One model
          responses:
            "200": { $ref: "#/components/responses/Model" }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
            "404": { $ref: "#/components/responses/Problem" }
      /api/v1/models/{model}/flush:
        parameters: [{ $ref: "#/components/parameters/model" }]
        post:
          operationId: flushModel
          summary: Start now what is pending
          description: >-
            Ends quiet period, wait_for_all, min_interval and back-off, but not a Retry-After, a running load or a hold
            (409). Nothing pending: does nothing.
          responses:
            "200": { $ref: "#/components/responses/Model" }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
            "404": { $ref: "#/components/responses/Problem" }
            "409": { $ref: "#/components/responses/Problem" }
            "503": { $ref: "#/components/responses/Problem" }
      /api/v1/models/{model}/hold:
        parameters: [{ $ref: "#/components/parameters/model" }]
        post:
          operationId: holdModel
          summary: Keep taking changes in, start no load
          responses:
            "200": { $ref: "#/components/responses/Model" }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
            "404": { $ref: "#/components/responses/Problem" }
            "503": { $ref: "#/components/responses/Problem" }
      /api/v1/models/{model}/release:
        parameters: [{ $ref: "#/components/parameters/model" }]
        post:
          operationId: releaseModel
          summary: End a hold; what is overdue starts at once
          responses:
            "200": { $ref: "#/components/responses/Model" }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
            "404": { $ref: "#/components/responses/Problem" }
            "503": { $ref: "#/components/responses/Problem" }
      /api/v1/models/{model}/reload:
        parameters: [{ $ref: "#/components/parameters/model" }]
        post:
          operationId: reloadTables
          summary: A change by hand
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [tables]
                  properties:
                    tables:
                      type: array
                      minItems: 1
                      items: { type: string, minLength: 1 }
                      description: Aliases, names or ids, data_source:ID, or * for everything
          responses:
            "202": { description: The job that it joined, content: { application/json: { schema: { $ref: "#/components/schemas/Job" } } } }
            "400": { $ref: "#/components/responses/Problem" }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
            "404": { $ref: "#/components/responses/Problem" }
            "413": { $ref: "#/components/responses/Problem" }
            "503": { $ref: "#/components/responses/Problem" }
      /api/v1/jobs:
        get:
          operationId: listJobs
          summary: Jobs, newest first
          parameters:
            - name: state
              in: query
              description: An empty value of any filter is none, as forms send it
              schema: { anyOf: [{ $ref: "#/components/schemas/JobState" }, { const: "" }] }
            - { name: model, in: query, schema: { type: string } }
            - { name: table, in: query, description: Only jobs that hold this table or everything, schema: { type: string } }
            - { $ref: "#/components/parameters/limit" }
          responses:
            "200":
              description: jobs
              content:
                application/json:
                  schema:
                    type: object
                    required: [jobs]
                    properties: { jobs: { type: array, items: { $ref: "#/components/schemas/Job" } } }
            "400": { $ref: "#/components/responses/Problem" }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
      /api/v1/jobs/{job}:
        parameters: [{ $ref: "#/components/parameters/job" }]
        get:
          operationId: getJob
          summary: One job with its trail
          responses:
            "200": { $ref: "#/components/responses/Job" }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
            "404": { $ref: "#/components/responses/Problem" }
      /api/v1/jobs/{job}/retry:
        parameters: [{ $ref: "#/components/parameters/job" }]
        post:
          operationId: retryJob
          summary: Make a failed job pending again, due at once
          responses:
            "200": { $ref: "#/components/responses/Job" }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
            "404": { $ref: "#/components/responses/Problem" }
            "409": { $ref: "#/components/responses/Problem" }
            "503": { $ref: "#/components/responses/Problem" }
      /api/v1/jobs/{job}/discard:
        parameters: [{ $ref: "#/components/parameters/job" }]
        post:
          operationId: discardJob
          summary: End a failed job without a load
          responses:
            "200": { $ref: "#/components/responses/Job" }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
            "404": { $ref: "#/components/responses/Problem" }
            "409": { $ref: "#/components/responses/Problem" }
            "503": { $ref: "#/components/responses/Problem" }
      /api/v1/events:
        get:
          operationId: listEvents
          summary: Events, newest first
          parameters:
            - { name: source, in: query, schema: { type: string } }
            - name: status
              in: query
              description: duplicate lists the events that were delivered again
              schema: { enum: [accepted, unmatched, duplicate, ""] }
            - { $ref: "#/components/parameters/limit" }
          responses:
            "200":
              description: events
              content:
                application/json:
                  schema:
                    type: object
                    required: [events]
                    properties: { events: { type: array, items: { $ref: "#/components/schemas/Event" } } }
            "400": { $ref: "#/components/responses/Problem" }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
      /api/v1/events/{event}:
        parameters:
          - { name: event, in: path, required: true, schema: { type: string, minLength: 1 } }
        get:
          operationId: getEvent
          summary: One event and why it did what it did
          responses:
            "200": { description: the event, content: { application/json: { schema: { $ref: "#/components/schemas/Event" } } } }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
            "404": { $ref: "#/components/responses/Problem" }
      /api/v1/timeline:
        get:
          operationId: getTimeline
          summary: What happened in the last hours, model by model
          parameters:
            - name: hours
              in: query
              schema: { anyOf: [{ type: integer, minimum: 1, maximum: 24 }, { const: "" }], default: 1 }
          responses:
            "200": { description: models with which something happened, content: { application/json: { schema: { $ref: "#/components/schemas/Timeline" } } } }
            "400": { $ref: "#/components/responses/Problem" }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
      /api/v1/stream:
        get:
          operationId: getStream
          summary: Every change of a job's or model's state, as server-sent events
          description: >-
            The answer does not end. `job` (at, reason, job) and `change` (at, what, model, detail; what is held, released,
            flushed, look_failed, refused, accepted_again, split, added or removed) come in order, each with an id; who
            comes again with Last-Event-ID gets what it has missed, or `reset` (reason) where that is not kept any more:
            then read everything again. `model` is a model that is other than it was told of last, `status` is Health
            without its models, at most once a second; both tell how things are now. A comment comes after 15 s of silence.
            At most 32 may follow. Who reads too slowly, and everybody at a change of configuration, is disconnected and
            may come again.
          parameters:
            - { name: Last-Event-ID, in: header, schema: { type: string } }
          responses:
            "200": { description: server-sent events, content: { text/event-stream: { schema: { type: string } } } }
            "401": { $ref: "#/components/responses/Problem" }
            "403": { $ref: "#/components/responses/Problem" }
            "503": { $ref: "#/components/responses/Problem" }
      /:
        get:
          operationId: getDashboard
          summary: The dashboard, a page for browsers
          responses:
            "200": { description: the page, content: { text/html: { schema: { type: string } } } }
            "401": { $ref: "#/components/responses/Problem" }
      /openapi.yaml:
        get:
          operationId: getDescription
          summary: This page
          responses:
            "200": { description: OpenAPI 3.1, content: { application/yaml: { schema: { type: string } } } }
            "401": { $ref: "#/components/responses/Problem" }
    components:
      securitySchemes:
        bearer: { type: http, scheme: bearer }
        basic: { type: http, scheme: basic, description: The password is the token }
      parameters:
        model: { name: model, in: path, required: true, schema: { type: string, minLength: 1 } }
        job: { name: job, in: path, required: true, schema: { type: string, minLength: 1 } }
        limit:
          name: limit
          in: query
          schema: { anyOf: [{ type: integer, minimum: 1, maximum: 10000 }, { const: "" }], default: 100 }
      responses:
        Problem: { description: What is wrong (RFC 9457), content: { application/problem+json: { schema: { $ref: "#/components/schemas/Problem" } } } }
        Probe:
          description: ok or unavailable
          content:
            application/json:
              schema: { type: object, required: [status], properties: { status: { enum: [ok, unavailable] } } }
        Model: { description: the model, content: { application/json: { schema: { $ref: "#/components/schemas/Model" } } } }
        Job: { description: the job, content: { application/json: { schema: { $ref: "#/components/schemas/Job" } } } }
      schemas:
        Problem:
          type: object
          required: [status, title]
          properties: { status: { type: integer }, title: { type: string }, detail: { type: string } }
        Time: { type: string, format: date-time }
        OptionalTime: { type: [string, "null"], format: date-time }
        Tables: { type: array, items: { type: string } }
        JobState: { enum: [waiting, ready, loading, retrying, held, failed, ended] }
        ModelState: { enum: [loading, held, retrying, ready, waiting, idle] }
        Outcome:
          enum: [succeeded, succeeded_with_warnings, unconfirmed, failed, merged, superseded, discarded, dry_run, null]
        Kind: { enum: [partial, complete, null] }
        Loading:
          type: [object, "null"]
          required: [job, kind, tables, started_at, attempt]
          properties:
            job: { type: string }
            kind: { $ref: "#/components/schemas/Kind" }
            tables: { $ref: "#/components/schemas/Tables" }
            started_at: { $ref: "#/components/schemas/OptionalTime" }
            attempt: { type: integer }
        LastLoad:
          type: [object, "null"]
          required: [job, outcome, tables, started_at, ended_at]
          properties:
            job: { type: string }
            outcome: { $ref: "#/components/schemas/Outcome" }
            tables: { $ref: "#/components/schemas/Tables" }
            started_at: { $ref: "#/components/schemas/OptionalTime" }
            ended_at: { $ref: "#/components/schemas/OptionalTime" }
        ModelHealth:
          type: object
          required: [state, held, pending_tables, pending_since, load_at, loading, last_load, failed_jobs]
          properties:
            state: { $ref: "#/components/schemas/ModelState" }
            held: { type: boolean }
            pending_tables: { $ref: "#/components/schemas/Tables" }
            pending_since: { $ref: "#/components/schemas/OptionalTime" }
            load_at: { $ref: "#/components/schemas/OptionalTime" }
            loading: { $ref: "#/components/schemas/Loading" }
            last_load: { $ref: "#/components/schemas/LastLoad" }
            failed_jobs: { type: integer }
        Model:
          allOf:
            - { $ref: "#/components/schemas/ModelHealth" }
            - type: object
              required:
                [name, pool_id, data_model_id, configuration, oldest_change_at, pending_changes, waiting_for, trouble,
                attempts, max_wait_seconds, changes, events, loads, load_duration, freshness]
              properties:
                name: { type: string }
                pool_id: { type: string }
                data_model_id: { type: string }
                configuration: { type: object, additionalProperties: { type: string } }
                oldest_change_at: { $ref: "#/components/schemas/OptionalTime" }
                pending_changes:
                  type: array
                  items:
                    type: object
                    required: [table, since]
                    properties: { table: { type: string }, since: { $ref: "#/components/schemas/Time" } }
                waiting_for: { type: [string, "null"] }
                trouble:
                  type: [object, "null"]
                  required: [job, message, next_try]
                  properties:
                    job: { type: string }
                    message: { type: string }
                    next_try: { $ref: "#/components/schemas/OptionalTime" }
                attempts: { type: integer }
                max_wait_seconds: { type: number }
                changes: { type: integer }
                events: { type: integer }
                loads:
                  type: array
                  items:
                    type: object
                    required: [kind, outcome, count]
                    properties: { kind: { type: string }, outcome: { type: string }, count: { type: integer } }
                load_duration: { $ref: "#/components/schemas/Seconds" }
                freshness: { $ref: "#/components/schemas/Seconds" }
        Seconds:
          type: object
          description: A histogram; counts are not cumulative, and one more than the bounds
          required: [bounds, counts, sum]
          properties:
            bounds: { type: array, items: { type: number } }
            counts: { type: array, items: { type: integer } }
            sum: { type: number }
        Timeline:
          type: object
          required: [from, to, events_complete_since, jobs_complete_since, models]
          properties:
            from: { $ref: "#/components/schemas/Time" }
            to: { $ref: "#/components/schemas/Time" }
            events_complete_since: { $ref: "#/components/schemas/OptionalTime" }
            jobs_complete_since: { $ref: "#/components/schemas/OptionalTime" }
            models:
              type: object
              additionalProperties:
                type: object
                required: [events, jobs]
                properties:
                  events:
                    type: array
                    items:
                      type: object
                      required: [at, count]
                      properties: { at: { $ref: "#/components/schemas/Time" }, count: { type: integer } }
                  jobs:
                    type: array
                    items:
                      type: object
                      required: [id, state, outcome, kind, tables, table_count, event_count, created_at, load_at, ended_at, attempts]
                      properties:
                        id: { type: string }
                        state: { $ref: "#/components/schemas/JobState" }
                        outcome: { $ref: "#/components/schemas/Outcome" }
                        kind: { $ref: "#/components/schemas/Kind" }
                        tables: { $ref: "#/components/schemas/Tables" }
                        table_count: { type: integer }
                        event_count: { type: integer }
                        created_at: { $ref: "#/components/schemas/Time" }
                        load_at: { $ref: "#/components/schemas/OptionalTime" }
                        ended_at: { $ref: "#/components/schemas/OptionalTime" }
                        attempts: { type: array, items: { $ref: "#/components/schemas/Attempt" } }
        Health:
          type: object
          required: [status, reasons, version, started_at, configuration, queue, models, sources, journal]
          properties:
            status: { enum: [ok, degraded, failing] }
            reasons: { type: array, items: { type: string } }
            version: { type: string }
            started_at: { $ref: "#/components/schemas/Time" }
            configuration:
              type: object
              required: [loaded_at, error]
              properties:
                loaded_at: { $ref: "#/components/schemas/Time" }
                error: { type: [string, "null"] }
            queue:
              type: object
              required: [waiting, ready, loading, retrying, held, failed, pending_tables, oldest_change_seconds]
              properties:
                waiting: { type: integer }
                ready: { type: integer }
                loading: { type: integer }
                retrying: { type: integer }
                held: { type: integer }
                failed: { type: integer }
                pending_tables: { type: integer }
                oldest_change_seconds: { type: [number, "null"] }
            models: { type: object, additionalProperties: { $ref: "#/components/schemas/ModelHealth" } }
            sources:
              type: object
              additionalProperties:
                type: object
                required: [last_delivery_at, accepted, unmatched, duplicates, rejected, rejections, silent]
                properties:
                  last_delivery_at: { $ref: "#/components/schemas/OptionalTime" }
                  accepted: { type: integer }
                  unmatched: { type: integer }
                  duplicates: { type: integer }
                  rejected: { type: integer }
                  rejections: { type: object, additionalProperties: { type: integer } }
                  silent: { type: boolean }
            journal:
              type: object
              required: [enabled, writable, recovered_changes]
              properties:
                enabled: { type: boolean }
                writable: { type: boolean }
                recovered_changes: { type: integer }
        Attempt:
          type: object
          required: [started_at, ended_at, result, error]
          properties:
            started_at: { $ref: "#/components/schemas/Time" }
            ended_at: { $ref: "#/components/schemas/OptionalTime" }
            result: { type: string }
            error: { type: [string, "null"] }
        Job:
          type: object
          required:
            [id, model, state, outcome, kind, tables, events, event_count, created_at, load_at, started_at, ended_at,
            attempts, error, unknown_tables, merged_into, waiting_for, start_reason]
          properties:
            id: { type: string }
            model: { type: string }
            state: { $ref: "#/components/schemas/JobState" }
            outcome: { $ref: "#/components/schemas/Outcome" }
            kind: { $ref: "#/components/schemas/Kind" }
            tables: { $ref: "#/components/schemas/Tables" }
            tables_omitted: { type: integer, description: "How many more it had, where a history has kept the first" }
            events: { type: array, maxItems: 100, items: { type: string } }
            event_count: { type: integer }
            created_at: { $ref: "#/components/schemas/Time" }
            load_at: { $ref: "#/components/schemas/OptionalTime" }
            started_at: { $ref: "#/components/schemas/OptionalTime" }
            ended_at: { $ref: "#/components/schemas/OptionalTime" }
            attempts: { type: array, items: { $ref: "#/components/schemas/Attempt" } }
            error: { type: [string, "null"] }
            unknown_tables: { $ref: "#/components/schemas/Tables" }
            merged_into: { type: [string, "null"] }
            waiting_for: { type: [string, "null"] }
            start_reason: { type: [string, "null"] }
            trail:
              type: array
              description: Its steps with times and reasons; only where one job is asked for
              items:
                type: object
                required: [at, step, reason]
                properties:
                  at: { $ref: "#/components/schemas/Time" }
                  step: { type: string }
                  reason: { type: string }
        Event:
          type: object
          required:
            [id, source, received_at, status, secret_position, rules, rules_complete, jobs, duplicates,
            last_duplicate_at]
          properties:
            id: { type: string }
            source: { type: string }
            received_at: { $ref: "#/components/schemas/Time" }
            status: { enum: [accepted, unmatched] }
            secret_position: { type: [integer, "null"] }
            rules:
              type: array
              items:
                type: object
                required: [rule, matched, reason]
                properties: { rule: { type: string }, matched: { type: boolean }, reason: { type: string } }
            rules_complete:
              type: boolean
              description: false once the event itself was forgotten; then only the rules that matched are listed
            jobs: { type: array, items: { type: string } }
            duplicates: { type: integer, description: How often it was delivered again }
            last_duplicate_at: { $ref: "#/components/schemas/OptionalTime" }
    """#
