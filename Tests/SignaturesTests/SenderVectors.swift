/// Facts about what senders send, each with its source; see `SenderVectorTests.swift` for how they are read.
let senderVectors = #"""
    [
     {
      "scheme": "raw-hmac-sha256",
      "secret": "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
      "headers": {
       "signature": "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      },
      "body": "4869205468657265",
      "valid": true,
      "source": "https://www.rfc-editor.org/rfc/rfc4231 section 4; cases 1 and 2 seen in public test suites, the others written from memory of the RFC and confirmed by computing them",
      "origin": "published",
      "secret_encoding": "hex",
      "body_encoding": "hex",
      "note": "RFC 4231 case 1"
     },
     {
      "scheme": "raw-hmac-sha256",
      "secret": "4a656665",
      "headers": {
       "signature": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      },
      "body": "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
      "valid": true,
      "source": "https://www.rfc-editor.org/rfc/rfc4231 section 4; cases 1 and 2 seen in public test suites, the others written from memory of the RFC and confirmed by computing them",
      "origin": "published",
      "secret_encoding": "hex",
      "body_encoding": "hex",
      "note": "RFC 4231 case 2"
     },
     {
      "scheme": "raw-hmac-sha256",
      "secret": "0102030405060708090a0b0c0d0e0f10111213141516171819",
      "headers": {
       "signature": "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
      },
      "body": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
      "valid": true,
      "source": "https://www.rfc-editor.org/rfc/rfc4231 section 4; cases 1 and 2 seen in public test suites, the others written from memory of the RFC and confirmed by computing them",
      "origin": "published",
      "secret_encoding": "hex",
      "body_encoding": "hex",
      "note": "RFC 4231 case 4"
     },
     {
      "scheme": "raw-hmac-sha256",
      "secret": "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c",
      "headers": {
       "signature": "a3b6167473100ee06e0c796c2955552b"
      },
      "body": "546573742057697468205472756e636174696f6e",
      "valid": true,
      "source": "https://www.rfc-editor.org/rfc/rfc4231 section 4; cases 1 and 2 seen in public test suites, the others written from memory of the RFC and confirmed by computing them",
      "origin": "published",
      "secret_encoding": "hex",
      "body_encoding": "hex",
      "note": "RFC 4231 case 5; output truncated to 128 bits, a full-length verifier must reject it"
     },
     {
      "scheme": "raw-hmac-sha256",
      "secret": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "headers": {
       "signature": "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
      },
      "body": "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f20626520686173686564206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e",
      "valid": true,
      "source": "https://www.rfc-editor.org/rfc/rfc4231 section 4; cases 1 and 2 seen in public test suites, the others written from memory of the RFC and confirmed by computing them",
      "origin": "published",
      "secret_encoding": "hex",
      "body_encoding": "hex",
      "note": "RFC 4231 case 7"
     },
     {
      "scheme": "raw-hmac-sha256",
      "secret": "test_secret",
      "headers": {
       "signature": "f7f9bd47fb987337b5796fdc1fdb9ba221d0d5396814bfcaf9521f43fd8927fd"
      },
      "body": "",
      "valid": true,
      "source": "https://github.com/stripe/stripe-node test/crypto/helpers.ts @6639421",
      "origin": "published",
      "secret_encoding": "utf8",
      "body_encoding": "utf8",
      "note": "HMAC over the payload alone, lower hex; empty payload"
     },
     {
      "scheme": "raw-hmac-sha256",
      "secret": "test_secret",
      "headers": {
       "signature": "837da296d05c4fe31f61d5d7ead035099d9585a5bcde87de952012a78f0b0c43"
      },
      "body": "😀",
      "valid": true,
      "source": "https://github.com/stripe/stripe-node test/crypto/helpers.ts @6639421",
      "origin": "published",
      "secret_encoding": "utf8",
      "body_encoding": "utf8",
      "note": "HMAC over the payload alone, lower hex"
     },
     {
      "scheme": "github-x-hub-256",
      "secret": "It's a Secret to Everybody",
      "headers": {
       "X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
      },
      "body": "Hello, World!",
      "valid": true,
      "source": "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries (github/docs content/webhooks/using-webhooks/validating-webhook-deliveries.md)",
      "origin": "published"
     },
     {
      "scheme": "github-x-hub-256",
      "secret": "It's a Secret to Everybody",
      "headers": {
       "X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
      },
      "body": "Hello, World?",
      "valid": false,
      "source": "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries (github/docs content/webhooks/using-webhooks/validating-webhook-deliveries.md)",
      "origin": "derived",
      "note": "body tampered"
     },
     {
      "scheme": "github-x-hub-256",
      "secret": "It's a Secret to Everybody",
      "headers": {
       "X-Hub-Signature-256": "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
      },
      "body": "Hello, World!",
      "valid": false,
      "source": "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries (github/docs content/webhooks/using-webhooks/validating-webhook-deliveries.md)",
      "origin": "derived",
      "note": "prefix sha256= missing"
     },
     {
      "scheme": "github-x-hub-256",
      "secret": "It's a Secret to Everybody",
      "headers": {},
      "body": "Hello, World!",
      "valid": false,
      "source": "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries (github/docs content/webhooks/using-webhooks/validating-webhook-deliveries.md)",
      "origin": "derived",
      "note": "header missing"
     },
     {
      "scheme": "github-x-hub-256",
      "secret": "mysecret",
      "headers": {
       "X-Hub-Signature-256": "foo"
      },
      "body": "{\"foo\":\"bar\"}",
      "valid": false,
      "source": "https://github.com/octokit/webhooks-methods.js test/verify.test.ts + test/common.ts @da0cc1c",
      "origin": "published"
     },
     {
      "scheme": "github-x-hub-256",
      "secret": "foo",
      "headers": {
       "X-Hub-Signature-256": "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3"
      },
      "body": "{\"foo\":\"bar\"}",
      "valid": false,
      "source": "https://github.com/octokit/webhooks-methods.js test/verify.test.ts + test/common.ts @da0cc1c",
      "origin": "published"
     },
     {
      "scheme": "github-x-hub-256",
      "secret": "development",
      "headers": {
       "X-Hub-Signature-256": "sha256=6f8326efbacfbd04e870cea25b5652e635be8c9807f2fd5348ef60753c9e96ed"
      },
      "body": "{\"foo\":\"\\\\u001b\"}",
      "valid": true,
      "source": "https://github.com/octokit/webhooks-methods.js test/verify.test.ts + test/common.ts @da0cc1c",
      "origin": "published",
      "note": "escaped backslash sequence in body"
     },
     {
      "scheme": "standard-webhooks",
      "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "headers": {
       "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
       "webhook-timestamp": "1614265330",
       "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
      },
      "body": "{\"test\": 2432232314}",
      "valid": true,
      "source": "https://github.com/standard-webhooks/standard-webhooks libraries/python/tests/test_webhooks.py @b2fa7b8 (same vector in go, csharp, js and in svix/svix-webhooks)",
      "origin": "published",
      "now": 1614265330,
      "secret_encoding": "whsec-base64"
     },
     {
      "scheme": "standard-webhooks",
      "secret": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "headers": {
       "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
       "webhook-timestamp": "1614265330",
       "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
      },
      "body": "{\"test\": 2432232314}",
      "valid": true,
      "source": "https://github.com/standard-webhooks/standard-webhooks libraries/python/tests/test_webhooks.py @b2fa7b8 (same vector in go, csharp, js and in svix/svix-webhooks)",
      "origin": "published",
      "now": 1614265330,
      "secret_encoding": "whsec-base64",
      "note": "secret without whsec_ prefix is accepted by the libraries"
     },
     {
      "scheme": "standard-webhooks",
      "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "headers": {
       "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
       "webhook-timestamp": "1614265330",
       "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="
      },
      "body": "{\"test\": 2432232314}",
      "valid": false,
      "source": "https://github.com/standard-webhooks/standard-webhooks libraries/python/tests/test_webhooks.py @b2fa7b8 (same vector in go, csharp, js and in svix/svix-webhooks)",
      "origin": "derived",
      "now": 1614265330,
      "secret_encoding": "whsec-base64",
      "note": "one character changed (still decodes to other bytes)"
     },
     {
      "scheme": "standard-webhooks",
      "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "headers": {
       "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
       "webhook-timestamp": "1614265330",
       "webhook-signature": "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
      },
      "body": "{\"test\": 2432232314}",
      "valid": true,
      "source": "https://github.com/standard-webhooks/standard-webhooks libraries/python/tests/test_webhooks.py @b2fa7b8 (same vector in go, csharp, js and in svix/svix-webhooks)",
      "origin": "derived",
      "now": 1614265330,
      "secret_encoding": "whsec-base64",
      "note": "several signatures, one matches (key rotation)"
     },
     {
      "scheme": "standard-webhooks",
      "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "headers": {
       "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
       "webhook-timestamp": "1614265330",
       "webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
      },
      "body": "{\"test\": 2432232314}",
      "valid": false,
      "source": "https://github.com/svix/svix-webhooks java/lib/src/test/com/svix/test/WebhookTest.java @4fc0cfb",
      "origin": "derived",
      "now": 1614265330,
      "secret_encoding": "whsec-base64",
      "note": "right MAC under an unknown version tag must not verify"
     },
     {
      "scheme": "standard-webhooks",
      "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "headers": {
       "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
       "webhook-timestamp": "1614265330",
       "webhook-signature": "v1,"
      },
      "body": "{\"test\": 2432232314}",
      "valid": false,
      "source": "https://github.com/standard-webhooks/standard-webhooks libraries/go/webhook_test.go @b2fa7b8",
      "origin": "derived",
      "now": 1614265330,
      "secret_encoding": "whsec-base64",
      "note": "empty signature"
     },
     {
      "scheme": "standard-webhooks",
      "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "headers": {
       "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
       "webhook-timestamp": "1614265330",
       "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
      },
      "body": "{\"test\": 2432232314}",
      "valid": false,
      "source": "https://github.com/standard-webhooks/standard-webhooks libraries/python/tests/test_webhooks.py @b2fa7b8 (same vector in go, csharp, js and in svix/svix-webhooks)",
      "origin": "derived",
      "now": 1614265029,
      "secret_encoding": "whsec-base64",
      "note": "timestamp 301 s in the future"
     },
     {
      "scheme": "standard-webhooks",
      "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "headers": {
       "webhook-timestamp": "1614265330",
       "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
      },
      "body": "{\"test\": 2432232314}",
      "valid": false,
      "source": "https://github.com/standard-webhooks/standard-webhooks libraries/python/tests/test_webhooks.py @b2fa7b8 (same vector in go, csharp, js and in svix/svix-webhooks)",
      "origin": "derived",
      "now": 1614265330,
      "secret_encoding": "whsec-base64",
      "note": "webhook-id missing"
     },
     {
      "scheme": "standard-webhooks",
      "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "headers": {
       "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
       "webhook-timestamp": "1614265330",
       "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
      },
      "body": "{\"test\":2432232314}",
      "valid": false,
      "source": "https://github.com/standard-webhooks/standard-webhooks libraries/python/tests/test_webhooks.py @b2fa7b8 (same vector in go, csharp, js and in svix/svix-webhooks)",
      "origin": "derived",
      "now": 1614265330,
      "secret_encoding": "whsec-base64",
      "note": "body re-serialised without the space"
     },
     {
      "scheme": "standard-webhooks",
      "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
      "headers": {
       "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
       "webhook-timestamp": "1614265330",
       "webhook-signature": "v1,LVOXivKoo4FWasi/IaHvzhE/u+7/cu2AME+zS/nXqzk="
      },
      "body": "{\"test\": 2432232314}",
      "valid": true,
      "source": "https://github.com/standard-webhooks/standard-webhooks libraries/python/tests/test_webhooks.py @b2fa7b8 (same vector in go, csharp, js and in svix/svix-webhooks)",
      "origin": "derived",
      "now": 1614265330,
      "secret_encoding": "whsec-base64",
      "note": "unpadded base64 secret from the library test; signature computed here"
     },
     {
      "scheme": "standard-webhooks",
      "secret": "whsec_plJ3nmyCDGBKInavdOK15jsl",
      "headers": {
       "svix-id": "msg_loFOjxBNrRLzqYUf",
       "svix-timestamp": "1731705121",
       "svix-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
      },
      "body": "{\"event_type\":\"ping\",\"data\":{\"success\":true}}",
      "valid": true,
      "source": "called the published Svix vector in at least nine public test suites (find_string hits 69490774232, 27535445386, 56943151982 among them); the Svix page itself was not seen that far",
      "origin": "third-party",
      "now": 1731705121,
      "secret_encoding": "whsec-base64"
     },
     {
      "scheme": "standard-webhooks",
      "secret": "whsec_plJ3nmyCDGBKInavdOK15jsl",
      "headers": {
       "webhook-id": "msg_loFOjxBNrRLzqYUf",
       "webhook-timestamp": "1731705121",
       "webhook-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
      },
      "body": "{\"event_type\":\"ping\",\"data\":{\"success\":true}}",
      "valid": true,
      "source": "called the published Svix vector in at least nine public test suites (find_string hits 69490774232, 27535445386, 56943151982 among them); the Svix page itself was not seen that far",
      "origin": "third-party",
      "now": 1731705121,
      "secret_encoding": "whsec-base64",
      "note": "same with the webhook- names"
     },
     {
      "scheme": "stripe-v1",
      "secret": "webhook_secret",
      "headers": {
       "Stripe-Signature": "t=1533204620,v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7,v0=63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef"
      },
      "body": "{\n  \"id\": \"evt_123\",\n  \"object\": \"event\",\n  \"account\": \"acct_123\",\n  \"api_version\": \"2017-05-25\",\n  \"created\": 1533204620,\n  \"data\": {\n    \"object\": {\n      \"id\": \"cus_123\",\n      \"object\": \"customer\",\n      \"created\": 123456789,\n      \"email\": \"test@stripe.com\",\n      \"livemode\": false,\n      \"metadata\": {}\n    }\n  },\n  \"livemode\": false,\n  \"pending_webhooks\": 1,\n  \"request\": {\n    \"id\": \"req_123\",\n    \"idempotency_key\": \"idempotency-key-123\"\n  },\n  \"type\": \"customer.created\"\n}\n",
      "valid": true,
      "source": "https://github.com/stripe/stripe-dotnet src/StripeTests/Services/Events/EventUtilityTest.cs + Resources/event_test_signature.json",
      "origin": "published",
      "now": 1533204720,
      "note": "v0 part must be ignored"
     },
     {
      "scheme": "stripe-v1",
      "secret": "webhook_secret",
      "headers": {
       "Stripe-Signature": "t=1533204620,v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7,v0=63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef"
      },
      "body": "{\n  \"id\": \"evt_123\",\n  \"object\": \"event\",\n  \"account\": \"acct_123\",\n  \"api_version\": \"2017-05-25\",\n  \"created\": 1533204620,\n  \"data\": {\n    \"object\": {\n      \"id\": \"cus_123\",\n      \"object\": \"customer\",\n      \"created\": 123456789,\n      \"email\": \"test@stripe.com\",\n      \"livemode\": false,\n      \"metadata\": {}\n    }\n  },\n  \"livemode\": false,\n  \"pending_webhooks\": 1,\n  \"request\": {\n    \"id\": \"req_123\",\n    \"idempotency_key\": \"idempotency-key-123\"\n  },\n  \"type\": \"customer.created\"\n}\n",
      "valid": false,
      "source": "https://github.com/stripe/stripe-dotnet src/StripeTests/Services/Events/EventUtilityTest.cs + Resources/event_test_signature.json",
      "origin": "published",
      "now": 1533205020,
      "note": "400 s old, tolerance 300 s"
     },
     {
      "scheme": "stripe-v1",
      "secret": "webhook_secret",
      "headers": {
       "Stripe-Signature": "t=1533204620,v1=deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef,v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7"
      },
      "body": "{\n  \"id\": \"evt_123\",\n  \"object\": \"event\",\n  \"account\": \"acct_123\",\n  \"api_version\": \"2017-05-25\",\n  \"created\": 1533204620,\n  \"data\": {\n    \"object\": {\n      \"id\": \"cus_123\",\n      \"object\": \"customer\",\n      \"created\": 123456789,\n      \"email\": \"test@stripe.com\",\n      \"livemode\": false,\n      \"metadata\": {}\n    }\n  },\n  \"livemode\": false,\n  \"pending_webhooks\": 1,\n  \"request\": {\n    \"id\": \"req_123\",\n    \"idempotency_key\": \"idempotency-key-123\"\n  },\n  \"type\": \"customer.created\"\n}\n",
      "valid": true,
      "source": "https://github.com/stripe/stripe-dotnet src/StripeTests/Services/Events/EventUtilityTest.cs + Resources/event_test_signature.json",
      "origin": "derived",
      "now": 1533204720,
      "note": "several v1 values, one matches (rolled secret)"
     },
     {
      "scheme": "stripe-v1",
      "secret": "webhook_secret",
      "headers": {
       "Stripe-Signature": "t=1533204620,v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7,v1=bad_signature"
      },
      "body": "{\n  \"id\": \"evt_123\",\n  \"object\": \"event\",\n  \"account\": \"acct_123\",\n  \"api_version\": \"2017-05-25\",\n  \"created\": 1533204620,\n  \"data\": {\n    \"object\": {\n      \"id\": \"cus_123\",\n      \"object\": \"customer\",\n      \"created\": 123456789,\n      \"email\": \"test@stripe.com\",\n      \"livemode\": false,\n      \"metadata\": {}\n    }\n  },\n  \"livemode\": false,\n  \"pending_webhooks\": 1,\n  \"request\": {\n    \"id\": \"req_123\",\n    \"idempotency_key\": \"idempotency-key-123\"\n  },\n  \"type\": \"customer.created\"\n}\n",
      "valid": true,
      "source": "https://github.com/stripe/stripe-go webhook/client_test.go @a1e3932",
      "origin": "derived",
      "now": 1533204720,
      "note": "unreadable extra v1 is ignored"
     },
     {
      "scheme": "stripe-v1",
      "secret": "webhook_secret",
      "headers": {
       "Stripe-Signature": "t=,v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7,v0=63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef"
      },
      "body": "{}",
      "valid": false,
      "source": "https://github.com/stripe/stripe-dotnet src/StripeTests/Services/Events/EventUtilityTest.cs + Resources/event_test_signature.json",
      "origin": "published",
      "now": 1533204720,
      "note": "malformed header"
     },
     {
      "scheme": "stripe-v1",
      "secret": "webhook_secret",
      "headers": {
       "Stripe-Signature": "t,v1=,v0="
      },
      "body": "{}",
      "valid": false,
      "source": "https://github.com/stripe/stripe-dotnet src/StripeTests/Services/Events/EventUtilityTest.cs + Resources/event_test_signature.json",
      "origin": "published",
      "now": 1533204720,
      "note": "malformed header"
     },
     {
      "scheme": "stripe-v1",
      "secret": "webhook_secret",
      "headers": {
       "Stripe-Signature": "t,v1=,"
      },
      "body": "{}",
      "valid": false,
      "source": "https://github.com/stripe/stripe-dotnet src/StripeTests/Services/Events/EventUtilityTest.cs + Resources/event_test_signature.json",
      "origin": "published",
      "now": 1533204720,
      "note": "malformed header"
     },
     {
      "scheme": "stripe-v1",
      "secret": "webhook_secret",
      "headers": {
       "Stripe-Signature": "t,,"
      },
      "body": "{}",
      "valid": false,
      "source": "https://github.com/stripe/stripe-dotnet src/StripeTests/Services/Events/EventUtilityTest.cs + Resources/event_test_signature.json",
      "origin": "published",
      "now": 1533204720,
      "note": "malformed header"
     },
     {
      "scheme": "stripe-v1",
      "secret": "webhook_secret",
      "headers": {
       "Stripe-Signature": "t"
      },
      "body": "{}",
      "valid": false,
      "source": "https://github.com/stripe/stripe-dotnet src/StripeTests/Services/Events/EventUtilityTest.cs + Resources/event_test_signature.json",
      "origin": "published",
      "now": 1533204720,
      "note": "malformed header"
     },
     {
      "scheme": "slack-v0",
      "secret": "8f742231b10e8888abcd99yyyzzz85a5",
      "headers": {
       "X-Slack-Request-Timestamp": "1531420618",
       "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
      },
      "body": "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
      "valid": true,
      "source": "https://docs.slack.dev/authentication/verifying-requests-from-slack/ via slackapi/python-slack-sdk tests/slack_sdk/signature/test_signature_verifier.py @ae87985",
      "origin": "published",
      "now": 1531420618
     },
     {
      "scheme": "slack-v0",
      "secret": "8f742231b10e8888abcd99yyyzzz85a5",
      "headers": {
       "X-Slack-Request-Timestamp": "1531420618",
       "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
      },
      "body": "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c------",
      "valid": false,
      "source": "https://docs.slack.dev/authentication/verifying-requests-from-slack/ via slackapi/python-slack-sdk tests/slack_sdk/signature/test_signature_verifier.py @ae87985",
      "origin": "published",
      "now": 1531420618
     },
     {
      "scheme": "slack-v0",
      "secret": "8f742231b10e8888abcd99yyyzzz85a5",
      "headers": {
       "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
      },
      "body": "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
      "valid": false,
      "source": "https://docs.slack.dev/authentication/verifying-requests-from-slack/ via slackapi/python-slack-sdk tests/slack_sdk/signature/test_signature_verifier.py @ae87985",
      "origin": "published",
      "now": 1531420618,
      "note": "timestamp header missing"
     },
     {
      "scheme": "shopify-base64",
      "secret": "secret",
      "headers": {
       "X-Shopify-Hmac-SHA256": "dzJZAsrKgS3CWXM6rNBGtzgXNyx3e42VtAJkdHRRbhM=",
       "X-Shopify-Topic": "orders/create"
      },
      "body": "{}",
      "valid": true,
      "source": "scheme: https://shopify.dev/docs/apps/build/webhooks/verify-deliveries ; value seen in a third-party public test (find_string hit 69568830414)",
      "origin": "third-party"
     },
     {
      "scheme": "shopify-base64",
      "secret": "secret",
      "headers": {
       "Shopify-Hmac-Sha256": "dzJZAsrKgS3CWXM6rNBGtzgXNyx3e42VtAJkdHRRbhM="
      },
      "body": "{}",
      "valid": true,
      "source": "scheme: https://shopify.dev/docs/apps/build/webhooks/verify-deliveries ; value seen in a third-party public test (find_string hit 69568830414)",
      "origin": "derived",
      "note": "new un-prefixed header name"
     },
     {
      "scheme": "fivetran-256",
      "secret": "test-secret-32-bytes-of-randomness",
      "headers": {
       "X-Fivetran-Signature-256": "547007e80cb87b8cb8c58d88be4e0dacc306adca5746b781890989c181c8a618"
      },
      "body": "{\"event\":\"sync_end\",\"created\":\"2026-05-22T00:06:08.638Z\",\"connector_type\":\"google_cloud_postgresql\",\"connector_id\":\"assimilate_seem\",\"connector_name\":\"ftar_pg\",\"sync_id\":\"b4703f73-6315-4e22-8d7a-3bfb18b2fed2\",\"destination_group_id\":\"inappropriate_implode\",\"data\":{\"status\":\"SUCCESSFUL\"}}",
      "valid": true,
      "source": "signature computed here with python hmac; body is a live capture of 287 wire bytes (public test, find_string hit 54506408467); secret is that test's stand-in",
      "origin": "computed",
      "note": "lower-case hex, no prefix"
     },
     {
      "scheme": "fivetran-256",
      "secret": "test-secret-32-bytes-of-randomness",
      "headers": {
       "X-Fivetran-Signature-256": "547007E80CB87B8CB8C58D88BE4E0DACC306ADCA5746B781890989C181C8A618"
      },
      "body": "{\"event\":\"sync_end\",\"created\":\"2026-05-22T00:06:08.638Z\",\"connector_type\":\"google_cloud_postgresql\",\"connector_id\":\"assimilate_seem\",\"connector_name\":\"ftar_pg\",\"sync_id\":\"b4703f73-6315-4e22-8d7a-3bfb18b2fed2\",\"destination_group_id\":\"inappropriate_implode\",\"data\":{\"status\":\"SUCCESSFUL\"}}",
      "valid": true,
      "source": "signature computed here with python hmac; body is a live capture of 287 wire bytes (public test, find_string hit 54506408467); secret is that test's stand-in",
      "origin": "computed",
      "note": "upper-case hex must also be accepted (sources disagree on case)"
     },
     {
      "scheme": "fivetran-256",
      "secret": "test-secret-32-bytes-of-randomness",
      "headers": {
       "X-Fivetran-Signature-256": "547007e80cb87b8cb8c58d88be4e0dacc306adca5746b781890989c181c8a618"
      },
      "body": "{\"event\":\"sync_end\",\"created\":\"2026-05-22T00:06:08.638Z\",\"connector_type\":\"google_cloud_postgresql\",\"connector_id\":\"assimilate_seem\",\"connector_name\":\"ftar_pg\",\"sync_id\":\"b4703f73-6315-4e22-8d7a-3bfb18b2fed2\",\"destination_group_id\":\"inappropriate_implode\",\"data\":{\"status\":\"SUCCESSFUL\"}}\n",
      "valid": false,
      "source": "signature computed here with python hmac; body is a live capture of 287 wire bytes (public test, find_string hit 54506408467); secret is that test's stand-in",
      "origin": "computed",
      "note": "one trailing newline (what webhook.site adds on download)"
     },
     {
      "scheme": "fivetran-256",
      "secret": "test-secret-32-bytes-of-randomness",
      "headers": {},
      "body": "{\"event\":\"sync_end\",\"created\":\"2026-05-22T00:06:08.638Z\",\"connector_type\":\"google_cloud_postgresql\",\"connector_id\":\"assimilate_seem\",\"connector_name\":\"ftar_pg\",\"sync_id\":\"b4703f73-6315-4e22-8d7a-3bfb18b2fed2\",\"destination_group_id\":\"inappropriate_implode\",\"data\":{\"status\":\"SUCCESSFUL\"}}",
      "valid": false,
      "source": "signature computed here with python hmac; body is a live capture of 287 wire bytes (public test, find_string hit 54506408467); secret is that test's stand-in",
      "origin": "computed",
      "note": "header missing"
     },
     {
      "scheme": "dbt-authorization",
      "secret": "dbt-example-secret",
      "headers": {
       "Authorization": "3a941840b0b5095ed5bd95c137791d0725571a0c4106e072a4590ae0a22ff629"
      },
      "body": "{\"accountId\":66847,\"eventId\":\"wev_2QSUzWMSv40ow7s8n8TfVPVnYua\",\"timestamp\":\"2023-05-29T07:52:18.06660617Z\",\"eventType\":\"job.run.completed\",\"webhookId\":\"wsu_2QGRb6TLFTOlBXsWjL4kb0RHTWc\",\"webhookName\":\"Flask app\",\"data\":{\"jobId\":\"278164\",\"jobName\":\"Snowflake Project Job\",\"runId\":\"155144666\",\"environmentId\":\"187998\",\"environmentName\":\"Deployment 1.4\",\"dbtVersion\":\"1.4.6\",\"projectName\":\"Snowflake 2\",\"projectId\":\"241251\",\"runStatus\":\"Success\",\"runStatusCode\":10,\"runStatusMessage\":\"None\",\"runReason\":\"Kicked off from UI\",\"runStartedAt\":\"2023-05-29T07:51:56Z\",\"runFinishedAt\":\"2023-05-29T07:52:15Z\"}}",
      "valid": true,
      "source": "signature computed here with python hmac; body shape from a public live capture (find_string hit 1599378893), runReason shortened; the real secret is not public",
      "origin": "computed",
      "note": "bare lower hex in Authorization, no scheme word"
     },
     {
      "scheme": "dbt-authorization",
      "secret": "dbt-example-secret",
      "headers": {
       "Authorization": "Bearer 3a941840b0b5095ed5bd95c137791d0725571a0c4106e072a4590ae0a22ff629"
      },
      "body": "{\"accountId\":66847,\"eventId\":\"wev_2QSUzWMSv40ow7s8n8TfVPVnYua\",\"timestamp\":\"2023-05-29T07:52:18.06660617Z\",\"eventType\":\"job.run.completed\",\"webhookId\":\"wsu_2QGRb6TLFTOlBXsWjL4kb0RHTWc\",\"webhookName\":\"Flask app\",\"data\":{\"jobId\":\"278164\",\"jobName\":\"Snowflake Project Job\",\"runId\":\"155144666\",\"environmentId\":\"187998\",\"environmentName\":\"Deployment 1.4\",\"dbtVersion\":\"1.4.6\",\"projectName\":\"Snowflake 2\",\"projectId\":\"241251\",\"runStatus\":\"Success\",\"runStatusCode\":10,\"runStatusMessage\":\"None\",\"runReason\":\"Kicked off from UI\",\"runStartedAt\":\"2023-05-29T07:51:56Z\",\"runFinishedAt\":\"2023-05-29T07:52:15Z\"}}",
      "valid": false,
      "source": "signature computed here with python hmac; body shape from a public live capture (find_string hit 1599378893), runReason shortened; the real secret is not public",
      "origin": "computed",
      "note": "a Bearer word is not what dbt sends; rejecting is the strict reading"
     },
     {
      "scheme": "qlik-hmac",
      "secret": "0123456789abcdef0123456789abcdef",
      "headers": {
       "Qlik-Signature": "b5a3a89567c11e751bb2cc4221bdf7a3a1ce7aa679bd792e97351344a35ec48b",
       "User-Agent": "Qlik Webhook"
      },
      "body": "{\"specversion\":\"1.0\",\"id\":\"02eae54e-396f-456c-bb6e-4ef1793504d9\",\"type\":\"com.qlik.v1.di-projects.di-tasks.completed\",\"source\":\"com.qlik/data-app-design\",\"time\":\"2025-05-26T11:47:18.045Z\",\"datacontenttype\":\"application/json\",\"tenantid\":\"dpmeH_c0vkwEzct90sXfcDSXBXRmRuU5\",\"userid\":\"6819cec4fb2b973f77b77383\",\"spaceid\":\"68079b4004d7603de4991dcc\",\"ownerid\":\"68064bc230525613f366b4f1\",\"extensions\":{\"actor\":{},\"updates\":[]},\"data\":{\"dataTask\":{\"id\":\"t-1\",\"name\":\"Bad Storage\",\"type\":\"STORAGE\",\"ownerId\":\"68064bc230525613f366b4f1\",\"spaceId\":\"68079b4004d7603de4991dcc\",\"projectId\":\"68172bbc045ae3756c1ae309\"},\"startTime\":\"2025-05-26T11:47:17.425Z\",\"endTime\":\"2025-05-26T11:47:17.893Z\",\"startedBy\":\"6819cec4fb2b973f77b77383\",\"startMethod\":\"USER\"}}",
      "valid": true,
      "source": "signature computed here with python hmac; body built from the AsyncAPI examples at qlik.dev/specs/event/di-projects.json; hex encoding of Qlik-Signature is inferred",
      "origin": "computed"
     },
     {
      "scheme": "qlik-hmac",
      "secret": "0123456789abcdef0123456789abcdef",
      "headers": {
       "Qlik-Signature": "2611c0b9360e38a1187843c4bda3a5a2a5ebc9b74ab87f648e8ab35c7291ea69",
       "User-Agent": "Qlik Webhook"
      },
      "body": "{\"specversion\":\"1.0\",\"id\":\"02eae54e-396f-456c-bb6e-4ef1793504d9\",\"type\":\"com.qlik.v1.di-projects.di-tasks.completed\",\"source\":\"com.qlik/data-app-design\",\"time\":\"2025-05-26T11:47:18.045Z\",\"datacontenttype\":\"application/json\",\"tenantid\":\"dpmeH_c0vkwEzct90sXfcDSXBXRmRuU5\",\"userid\":\"6819cec4fb2b973f77b77383\",\"spaceid\":\"68079b4004d7603de4991dcc\",\"ownerid\":\"68064bc230525613f366b4f1\",\"extensions\":{\"actor\":{},\"updates\":[]},\"data\":{\"dataTask\":{\"id\":\"t-1\",\"name\":\"Bad Storage\",\"type\":\"STORAGE\",\"ownerId\":\"68064bc230525613f366b4f1\",\"spaceId\":\"68079b4004d7603de4991dcc\",\"projectId\":\"68172bbc045ae3756c1ae309\"},\"startTime\":\"2025-05-26T11:47:17.425Z\",\"endTime\":\"2025-05-26T11:47:17.893Z\",\"startedBy\":\"6819cec4fb2b973f77b77383\",\"startMethod\":\"USER\"}}",
      "valid": false,
      "source": "signature computed here with python hmac; body built from the AsyncAPI examples at qlik.dev/specs/event/di-projects.json; hex encoding of Qlik-Signature is inferred",
      "origin": "computed"
     },
     {
      "scheme": "nango-hmac",
      "secret": "nango-example-secret",
      "headers": {
       "X-Nango-Hmac-Sha256": "0b9ded38f7406322d40cea82d403eb36830537022413f561ce7584d8a491726a",
       "X-Nango-Signature": "b5c79c805c40cc0428789b2199d424cdcfed811d95affce5c6e53fdb778221a5"
      },
      "body": "{\"connectionId\":\"c-1\",\"from\":\"nango\",\"model\":\"Contact\",\"modifiedAfter\":\"2026-01-01T00:00:00.000Z\",\"providerConfigKey\":\"salesforce\",\"queryTimeStamp\":null,\"responseResults\":{\"added\":3,\"deleted\":0,\"updated\":1},\"success\":true,\"syncName\":\"contacts\",\"syncType\":\"INITIAL\",\"type\":\"sync\"}",
      "valid": true,
      "source": "signature computed here with python hmac; header and algorithm from NangoHQ/nango packages/webhooks/lib/utils.ts; body keys from packages/webhooks/lib/sync.ts",
      "origin": "computed",
      "note": "X-Nango-Signature is plain sha256(secret+body); ignore it"
     },
     {
      "scheme": "nango-hmac",
      "secret": "nango-example-secret",
      "headers": {
       "X-Nango-Signature": "b5c79c805c40cc0428789b2199d424cdcfed811d95affce5c6e53fdb778221a5"
      },
      "body": "{\"connectionId\":\"c-1\",\"from\":\"nango\",\"model\":\"Contact\",\"modifiedAfter\":\"2026-01-01T00:00:00.000Z\",\"providerConfigKey\":\"salesforce\",\"queryTimeStamp\":null,\"responseResults\":{\"added\":3,\"deleted\":0,\"updated\":1},\"success\":true,\"syncName\":\"contacts\",\"syncType\":\"INITIAL\",\"type\":\"sync\"}",
      "valid": false,
      "source": "signature computed here with python hmac; header and algorithm from NangoHQ/nango packages/webhooks/lib/utils.ts; body keys from packages/webhooks/lib/sync.ts",
      "origin": "computed",
      "note": "only the length-extension-weak header present: reject"
     },
     {
      "scheme": "segment-sha1",
      "secret": "sharedsecretvalue",
      "headers": {
       "X-Signature": "0395ea4a4a42465e8babee058371b08dd2c8c469"
      },
      "body": "{\"type\":\"track\",\"event\":\"Extraction Finished\",\"userId\":\"019mr8mf4r\",\"timestamp\":\"2012-12-02T00:30:08.276Z\"}",
      "valid": true,
      "source": "signature computed here with python hmac; scheme from segmentio/segment-docs src/connections/destinations/catalog/actions-webhook/index.md",
      "origin": "computed",
      "algorithm": "sha1",
      "note": "HMAC-SHA1 hex; with batching only the first element's JSON is signed"
     }
    ]
    """#
