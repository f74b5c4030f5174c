/// What the queue promises of its costs (`make bench-queue`): fails when a bound is not kept.
// Memory comes first: nobody has left free memory behind yet.
let checks = [memory(), costByModels(), await punctuality()]
exitWith(checks)
