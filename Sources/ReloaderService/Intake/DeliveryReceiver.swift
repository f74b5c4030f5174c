import Admin
import JSONPath
import Listener
import Logging
import ReloadQueue
import Rules
import Signatures
import Vocabulary

import enum ReloadQueue.Refusal

/// One delivery from its first body byte to its answer, all on the connection's event loop. Nothing is parsed
/// before it has verified (queue.md S1). Once the body is complete it goes on in
/// steps (`LoopTurn`), each of which uses code that fits into a processor's first-level cache.
final class DeliveryReceiver: BodyReceiver {
    private let intake: Intake
    private let plan: IntakePlan
    private let source: SourcePlan
    private let head: RequestHead
    private let parsers: LoopParsers
    private let loop: Int
    private var verification: Verification?
    private var body: [UInt8] = []
    /// How much of the body has gone into the verification.
    private var verified = 0
    private var secretPosition: Int?
    private var progress = Progress.unverified

    /// How far it is, with what the rest needs.
    private enum Progress {
        case unverified
        case claimed(Now)
        case verified(Now)
        case matched(Matching, key: [UInt8]?, Now)
        case new(EventID, Matching, [ModelChanges], DuplicateKey?, Now)
        case submitted(Submission, EventID, Matching, DuplicateKey?, Now)
    }

    init(
        intake: Intake,
        plan: IntakePlan,
        source: SourcePlan,
        head: RequestHead,
        parsers: LoopParsers,
        loop: Int
    ) {
        self.intake = intake
        self.plan = plan
        self.source = source
        self.head = head
        self.parsers = parsers
        self.loop = loop
    }

    /// A large body is verified in portions as it comes, so that none holds the loop up; a small one in a single step,
    /// when it is complete.
    func received(_ bytes: UnsafeRawBufferPointer) {
        body.append(contentsOf: bytes)
        if body.count - verified >= Self.portion { verifyReceived(at: intake.clock.now()) }
    }

    private static let portion = 16 * 1024

    private func verifyReceived(at now: Now) {
        beginVerification(at: now)
        body.withUnsafeBytes { verification?.update(UnsafeRawBufferPointer(rebasing: $0[verified...])) }
        verified = body.count
    }

    private func beginVerification(at now: Now) {
        if verification == nil { verification = source.verifier.begin(head.headers, now: now.wall) }
    }

    func failed(_ failure: BodyFailure) -> Response {
        switch failure {
        case .tooLarge: source.meter.record(.tooLarge)
        case .tooSlow: source.meter.record(.tooSlow)
        case .malformed: source.meter.record(.invalid)
        case .crowdedOut: source.meter.record(.unavailable)
        }
        return failure.response
    }

    /// Nobody reads an answer, and nothing was taken in: not a delivery.
    func abandoned() {}

    func finished(step: Int) -> Answer? {
        // Taken out of here, not copied: it holds much that would be counted.
        var reached = Progress.unverified
        swap(&reached, &progress)
        return switch consume reached {
        case .unverified: readClaim(at: intake.clock.now())
        case .claimed(let now): verify(at: now)
        case .verified(let now): match(at: now)
        case .matched(let matching, let key, let now): identify(matching, key, at: now)
        case .new(let event, let matching, let changes, let key, let now):
            submit(event, matching, changes, key, at: now)
        case .submitted(let submission, let event, let matching, let key, let now):
            answer(submission, event, matching, key, at: now)
        }
    }

    private func readClaim(at now: Now) -> Answer? {
        beginVerification(at: now)
        progress = .claimed(now)
        return nil
    }

    private func verify(at now: Now) -> Answer? {
        verifyReceived(at: now)
        switch verification.take()?.finish() {
        case .verified(let position):
            source.recordVerified(secretPosition: position, at: now)
            secretPosition = position
            progress = .verified(now)
            return nil
        case .refused(let refusal):
            intake.logRefusal(
                source: source.name,
                reason: refusal.rawValue,
                sender: plan.sender(peer: head.peer, headers: head.headers),
                peer: head.peer
            )
            return .now(unauthorized())
        case nil:
            return .now(unauthorized())
        }
    }

    /// One answer for everything that can be wrong with a proof (queue.md S8).
    private func unauthorized() -> Response {
        source.meter.record(.unauthorized)
        return .problem(
            status: 401,
            detail: "The signature, token or timestamp is missing or wrong.",
            headers: [("www-authenticate", source.verifier.scheme.challenge)]
        )
    }

    private func match(at now: Now) -> Answer? {
        do throws(JSONError) {
            return try parsers.parse(body, loop: loop) { root in match(root, at: now) }
        } catch {
            return .now(invalid(error.description))
        }
    }

    private func match(_ root: JSONNode, at now: Now) -> Answer? {
        switch Interception(of: root, source.handshake, refusesArrays: source.refusesArrays) {
        case .handshake(let body):
            source.meter.record(.handshake)
            return .now(Response(status: 200, contentType: "application/json", body: body.utf8))
        case .refusedArray:
            return .now(invalid(Interception.arrayRefusal))
        case nil: break
        }
        let key = source.eventKey?.bytes(root: root, headers: SignedHeaders(source: source, headers: head.headers))
        let matching = source.rules?.match(root, head.headers) ?? .nothing
        progress = .matched(matching, key: key, now)
        return nil
    }

    private func invalid(_ detail: String) -> Response {
        source.meter.record(.invalid)
        return .problem(status: 400, detail: detail)
    }

    private func identify(_ matching: consuming Matching, _ key: [UInt8]?, at now: Now) -> Answer? {
        let key = key.map { DuplicateKey(source: source.name, event: $0) }
        if let key, let first = intake.knownEvent(key, at: now) { return duplicate(of: first, at: now) }
        guard !matching.isStopped else {
            return .now(invalid("Matching this event against the rules takes more steps than one event is granted."))
        }
        let changes = matching.changes(in: plan.models)
        progress = .new(intake.nextEventID(), matching, changes, key, now)
        return nil
    }

    private func submit(
        _ event: EventID,
        _ matching: consuming Matching,
        _ changes: [ModelChanges],
        _ key: DuplicateKey?,
        at now: Now
    ) -> Answer? {
        guard !matching.changes.isEmpty else { return unmatched(event, matching, at: now) }
        let submission = intake.admitOnce(
            event,
            of: source.name,
            key: key,
            window: source.duplicateWindow,
            changes: changes,
            version: plan.policies,
            at: now
        )
        progress = .submitted(submission, event, matching, key, now)
        return nil
    }

    private func unmatched(_ event: EventID, _ matching: Matching, at now: Now) -> Answer {
        if intake.queue.isDraining { return .now(unavailable(.draining)) }
        if intake.queue.journal?.isAccepting == false { return .now(unavailable(.unwritable)) }
        source.meter.record(.unmatched)
        trace(event, matching, jobs: [], at: now)
        log("delivery matched no rule", event)
        return .now(answer(202, DeliveryAnswer(event: event, status: .unmatched)))
    }

    private func answer(
        _ submission: Submission,
        _ event: EventID,
        _ matching: Matching,
        _ key: DuplicateKey?,
        at now: Now
    ) -> Answer {
        switch submission {
        case .duplicate(let first):
            return duplicate(of: first, at: now)
        case .refused(let refusal):
            return .now(unavailable(refusal))
        case .admitted(let admitted, nil):
            return .now(accepted(event, matching, admitted, at: now))
        case .admitted(let admitted, let unwritten?):
            return unwritten.answer { [self] isWritten in
                intake.settled(event, key: key, isWritten: isWritten)
                return isWritten ? accepted(event, matching, admitted, at: now) : unavailable(.unwritable)
            }
        }
    }

    /// What was admitted is safe, on disk where there is a journal.
    private func accepted(_ event: EventID, _ matching: Matching, _ admitted: [AdmittedChange], at now: Now) -> Response
    {
        source.meter.record(.accepted)
        trace(event, matching, jobs: admitted.jobs, at: now)
        if intake.recorder.isOn { record(at: now) }
        log("delivery accepted", event)
        return answer(
            202,
            DeliveryAnswer(event: event, status: .accepted, changes: matching.changes, admitted: admitted)
        )
    }

    /// Keeps what the why-trail needs to say later why each rule did or did not match.
    private func trace(_ event: EventID, _ matching: Matching, jobs: EventJobs, at now: Now) {
        guard intake.trail.isOn else { return }
        let named = source.headersOfRules.flatMap { name in
            head.headers.values(named: name).map { (name: name, value: $0) }
        }
        let changes = matching.changes
        // By their positions: a copy of each would be counted for all that it holds.
        let hasLong = changes.indices.contains { changes[$0].isLong }
        intake.trail.append(
            EventRing.Entry(
                id: event,
                source: source.name,
                receivedAt: now.wall,
                secretPosition: secretPosition,
                changes: hasLong ? changes.map { $0.isLong ? $0.abridged : $0 } : changes,
                jobs: jobs,
                evidence: EventRing.Evidence(body: body, headers: HeaderList(named), rules: plan.rules)
            )
        )
    }

    /// Keeps the accepted event for `simulate`.
    private func record(at now: Now) {
        let headers = source.recordedHeaders.flatMap { name in
            head.headers.values(named: name).map { (name: name, value: $0) }
        }
        intake.recorder.record(
            RecordedEvent(at: now.wall, source: source.name, headers: HeaderList(headers), body: body)
        )
    }

    /// A copy of an event that is still being written waits for that write.
    private func duplicate(of first: EventID, at now: Now) -> Answer {
        guard let unwritten = intake.unwritten(first) else { return .now(known(first, at: now)) }
        return unwritten.answer { [self] isWritten in isWritten ? known(first, at: now) : unavailable(.unwritable) }
    }

    private func known(_ first: EventID, at now: Now) -> Response {
        source.meter.record(.duplicate)
        intake.trail.noteDuplicate(of: first, at: now.wall)
        log("delivery is a duplicate", first)
        return answer(200, DeliveryAnswer(event: first, status: .duplicate))
    }

    private func unavailable(_ refusal: Refusal) -> Response {
        source.meter.record(.unavailable)
        let detail =
            switch refusal {
            case .draining: "The service is stopping; send this again."
            case .full: "A model holds as many tables as it may, see /health; send this again later."
            case .unwritable: "The journal cannot be written; send this again later."
            case .unknownModel(let model): "The model \(model.name) is being replaced; send this again."
            }
        return .problem(status: 503, detail: detail, headers: [("retry-after", "30")])
    }

    private func answer(_ status: Int, _ answer: DeliveryAnswer) -> Response {
        Response(status: status, headers: Self.json, body: answer.json)
    }

    private static let json = [(name: "content-type", value: "application/json")]

    private func log(_ message: Logger.Message, _ event: EventID) {
        intake.logger.debug(message, metadata: ["source": "\(source.name)", "event": "\(event)"])
    }
}

/// The headers that the source's scheme signs, each under any of its names: a duplicate key may hold no others
/// (queue.md Q17).
private struct SignedHeaders: HeaderFields {
    let source: SourcePlan
    let headers: RequestHeaders

    func forEachValue(named name: String, _ visit: (String) -> Void) {
        if let value = source.verifier.scheme.signedValue(ofHeader: name, in: headers) { visit(value) }
    }
}

extension Scheme {
    /// What a 401 asks for (RFC 9110 §11.6.1). It depends on the source alone, not on what was wrong (queue.md S8).
    var challenge: String {
        switch proof {
        case .token(.bearer): "Bearer realm=\"reloader\""
        case .token(.basic): "Basic realm=\"reloader\", charset=\"UTF-8\""
        case .token(.header), .signature, .unsigned: "Signature"
        }
    }
}
