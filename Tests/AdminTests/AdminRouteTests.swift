import Testing
import Vocabulary

@testable import Admin

@Suite("Routes of the admin address")
struct AdminRouteTests {
    private func route(_ method: String, _ path: String, _ query: String? = nil) throws(RouteError) -> AdminRoute {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        return try AdminRoute(method: method, segments: segments, query: query)
    }

    private func error(_ method: String, _ path: String, _ query: String? = nil) -> RouteError? {
        #expect(throws: RouteError.self) { try route(method, path, query) }
    }

    private let job = JobID(rawValue: 5)

    @Test("every path of product.md §4 has its route")
    func paths() throws {
        #expect(try route("GET", "/health") == .health)
        #expect(try route("HEAD", "/health/live") == .live)
        #expect(try route("GET", "/health/ready") == .ready)
        #expect(try route("GET", "/metrics") == .metrics)
        #expect(try route("GET", "/openapi.yaml") == .openAPI)
        #expect(try route("GET", "/api/v1/models") == .models)
        #expect(try route("GET", "/api/v1/models/orders") == .model("orders"))
        #expect(try route("POST", "/api/v1/models/orders/flush") == .steer(.flush, model: "orders"))
        #expect(try route("POST", "/api/v1/models/orders/hold") == .steer(.hold, model: "orders"))
        #expect(try route("POST", "/api/v1/models/orders/release") == .steer(.release, model: "orders"))
        #expect(try route("POST", "/api/v1/models/orders/reload") == .reload(model: "orders"))
        #expect(try route("GET", "/api/v1/jobs/\(job)") == .job(job))
        #expect(try route("POST", "/api/v1/jobs/\(job)/retry") == .settle(.retry, job))
        #expect(try route("POST", "/api/v1/jobs/\(job)/discard") == .settle(.discard, job))
        #expect(try route("GET", "/api/v1/events/\(EventID(rawValue: 7))") == .event(EventID(rawValue: 7)))
        #expect(try route("GET", "/api/v1/stream") == .stream)
        #expect(try route("GET", "/api/v1/timeline") == .timeline(hours: 1))
        #expect(try route("GET", "/") == .dashboard(.page))
        #expect(try route("GET", "/dashboard.js") == .dashboard(.script))
    }

    @Test("filters are read from the query; empty ones are none")
    func queries() throws {
        #expect(
            try route("GET", "/api/v1/jobs", "state=failed&model=a%20b+c&table=EKKO&limit=7")
                == .jobs(JobQuery(state: .failed, model: "a b c", table: "EKKO", limit: 7))
        )
        #expect(try route("GET", "/api/v1/jobs", "state=&model=&limit=") == .jobs(JobQuery(limit: 100)))
        #expect(
            try route("GET", "/api/v1/events", "status=unmatched&source=x")
                == .events(EventQuery(source: "x", status: .unmatched, limit: 100))
        )
    }

    @Test(
        "a query that is not understood is a 400 that says what would be",
        arguments: ["state=lost", "limit=0", "limit=10001", "limit=ten", "colour=red", "limit=1&limit=2"]
    )
    func badQueries(query: String) {
        #expect(error("GET", "/api/v1/jobs", query)?.status == 400)
    }

    @Test("a time line is of one hour to a day")
    func hours() throws {
        #expect(try route("GET", "/api/v1/timeline", "hours=24") == .timeline(hours: 24))
        for wrong in ["hours=0", "hours=25", "hours=x", "days=1"] {
            #expect(error("GET", "/api/v1/timeline", wrong)?.status == 400)
        }
    }

    @Test(
        "what is not there is a 404",
        arguments: [
            "/index.html", "/api", "/api/v1", "/api/v2/models", "/api/v1/models/x/drop", "/api/v1/jobs/job_1",
            "/api/v1/jobs/evt",
            "/api/v1/events/1", "/health/", "/metrics/", "/api/v1/models/x/flush/y",
        ]
    )
    func unknownPaths(path: String) {
        #expect(error("GET", path)?.status == 404)
    }

    @Test("a write is a POST and a read is none, and Allow says so")
    func methods() {
        #expect(error("GET", "/api/v1/models/x/flush") == .wrongMethod(allow: "POST"))
        #expect(error("DELETE", "/api/v1/models/x") == .wrongMethod(allow: "GET, HEAD"))
        #expect(error("POST", "/api/v1/jobs", "limit=no") == .wrongMethod(allow: "GET, HEAD"))
        #expect(error("GET", "/api/v1/jobs/\(job)/retry") == .wrongMethod(allow: "POST"))
    }

    @Test("every route of the API is described in openapi.yaml, and nothing else is")
    func description() throws {
        let paths = openAPIDescription.split(separator: "\n").filter { $0.hasPrefix("  /") }
            .map { $0.dropFirst(2).dropLast() }
        #expect(paths.count == 20)
        for path in paths {
            let filled = String(path).replacing("{model}", with: "m").replacing("{job}", with: job.description)
                .replacing("{event}", with: EventID(rawValue: 1).description)
            let routes = ["GET", "POST"].filter { (try? route($0, filled)) != nil }
            #expect(routes.count == 1, "\(path)")
        }
    }
}
