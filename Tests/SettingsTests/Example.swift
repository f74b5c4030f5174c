/// The complete example of product.md §2, every key written, with real ids and times where the page has an ellipsis.
let completeExample = #"""
    listen:
      address: 127.0.0.1:8080        # HOST:PORT, [V6]:PORT, unix:/PATH, or systemd
      tls: { certificate: /etc/reloader/tls.crt, private_key: /etc/reloader/tls.key }   # optional; PEM files
      trusted_proxies: [10.0.0.0/8]
      threads: 2
    admin:
      address: 127.0.0.1:9090
      token: env:RELOADER_ADMIN_TOKEN
    celonis:
      base_url: https://acme.eu-1.celonis.cloud
      auth: { type: oauth_client, client_id: env:CELONIS_CLIENT_ID, client_secret: env:CELONIS_CLIENT_SECRET }
      request_timeout: 30s
      max_concurrent_loads: 4
      tables_cache: 10m
      poll: { initial: 2s, maximum: 60s, start_within: 2m }
      dry_run: false
      ca_file: /etc/ssl/private-ca.pem
      proxy: http://proxy:3128
    models:
      order-to-cash:
        pool_id: 5ae5b9a6-…
        data_model_id: 1c0d8d0e-…
        debounce: 30s
        max_wait: 10m
        # load_cost: 20m
        min_interval: 0s
        confirm: best_effort
        load_timeout: 2h
        retry: { give_up_after: 24h, initial: 5s, maximum: 10m }
        wait_for_all: [{ tables: [EKKO, EKPO], at_most: 4h }]
        reload_together: [[VBAK, VBAP]]
        complete_load_above: 0.8
        before: { data_job: ID, mode: delta }
    sources:
      fivetran:
        signature: fivetran
        secrets: [env:FIVETRAN_SECRET, env:FIVETRAN_SECRET_OLD]
        allow_from: [0.0.0.0/0, '::/0']
        max_body: 1MiB
        event_id: [$.connector_id, $.sync_id, $.event, $.data.status]
        duplicate_window: 4d
        handshake: event_grid
        rate_limit: { per_second: 50, burst: 100 }
        expect_every: 6h
        on_silence: { reload: { model: order-to-cash, tables: all } }
      custom:
        secrets: [literal:test]
        signature:
          header: X-Signature
          algorithm: sha256
          encoding: hex
          prefix: "sha256="
          signed: "{header:X-Timestamp}.{body}"
          timestamp: { header: X-Timestamp, tolerance: 5m }
    rules:
      - name: sap-orders
        source: fivetran
        when:
          $.event: sync_end
          $.data.status: SUCCESSFUL
          $.connector_id: { in: [gentle_yak, brave_fox] }
        reload:
          model: order-to-cash
          tables: [EKKO, EKPO]
      - name: from the event
        source: [fivetran, custom]
        when:
          any:
            - { $.number: { above: 1, below: 5.5 }, header:X-Kind: { glob: "sap_*" } }
            - { $.name: { matches: "[a-z]+", not: { in: [a, b] } }, $.gone: { exists: false } }
          none: [$.error: ]
          $[?@.eventType=='done' && @.data.ok==true]: { exists: true }
        reload:
          - model: order-to-cash
            tables:
              from: $.tables[*].destination_table_name
              strip_prefix: raw_
              replace: { pattern: "(.*)__v[0-9]+", with: "$1" }
              map: { kna1_customers: KNA1, 0123: NO }
              case: upper
              unknown: ignore
          - { model: order-to-cash, tables: all }
    journal:
      path: /var/lib/reloader/journal.sqlite
      sync: full
    limits:
      connections: 1024
      header_timeout: 10s
      body_timeout: 30s
      idle_timeout: 60s
      history: 10000
      remembered_ids: 100000
      drain_timeout: 30s
    notify: { url: https://example.com/hook, secret: env:NOTIFY_SECRET, on: [failed, degraded, recovered] }
    record: { path: events.jsonl, max_size: 64MiB }
    log: { level: info, format: text }
    tests:
      - name: a successful SAP sync reloads the purchasing tables
        source: fivetran
        body: { event: sync_end, connector_id: gentle_yak, data: { status: SUCCESSFUL } }
        expect: [{ model: order-to-cash, tables: [EKKO, EKPO] }]
      - name: names are mapped
        source: fivetran
        headers: { X-Kind: sap_1 }
        body:
          number: 2
          child: { eventType: done, data: { ok: true } }
          tables: [{ destination_table_name: raw_ekbe__v2 }]
        expect: [{ model: order-to-cash, tables: [EKBE] }, { model: order-to-cash, tables: all }]
      - { name: nothing, source: fivetran, body: {}, expect: [] }
    """#
