package domain

// Refusals before or instead of a use case. A transport detects them; their codes
// stand here because clients read all codes from one list.
var (
	// ErrMalformedRequest is a request that is not readable as HTTP.
	ErrMalformedRequest = newError(KindProtocol, "malformed_request", "The request is not readable as HTTP.")
	// ErrInvalidJSON is a body that is not valid JSON, repeats a member, or holds
	// a value of the wrong type.
	ErrInvalidJSON = newError(KindProtocol, "invalid_json", "The body is not valid JSON.")
	// ErrBodyMissing is a request without the body that its operation needs.
	ErrBodyMissing = newError(KindProtocol, "body_missing", "This request needs a JSON body.")
	// ErrMethodNotAllowed is a method that the address does not support.
	ErrMethodNotAllowed = newError(KindProtocol, "method_not_allowed", "This address does not support the method. The Allow header lists the supported methods.")
	// ErrRequestTimeout is a request that did not arrive in time.
	ErrRequestTimeout = newError(KindProtocol, "request_timeout", "The request did not arrive in time.")
	// ErrBodyTooLarge is a body beyond 64 KiB.
	ErrBodyTooLarge = newError(KindProtocol, "body_too_large", "The body is larger than 64 KiB.").WithBounds(Bounds{MaxBytes: 64 << 10})
	// ErrURITooLong is a request target beyond 8 KiB.
	ErrURITooLong = newError(KindProtocol, "uri_too_long", "The address is longer than 8 KiB.").WithBounds(Bounds{MaxBytes: 8 << 10})
	// ErrUnsupportedMediaType is a body of another type than JSON in UTF-8.
	ErrUnsupportedMediaType = newError(KindProtocol, "unsupported_media_type", "Send the body as application/json in UTF-8, without a Content-Encoding.")
	// ErrExpectationFailed is an Expect header other than 100-continue.
	ErrExpectationFailed = newError(KindProtocol, "expectation_failed", "The only supported expectation is 100-continue.")
	// ErrHeadersTooLarge is a request line and headers beyond 24 KiB together.
	ErrHeadersTooLarge = newError(KindProtocol, "headers_too_large", "The request line and the headers are larger than 24 KiB.").WithBounds(Bounds{MaxBytes: 24 << 10})
	// ErrHTTPVersion is a version of HTTP that the service does not speak.
	ErrHTTPVersion = newError(KindProtocol, "http_version_not_supported", "Use HTTP/1.1.")

	// ErrNotFound is an address without a resource.
	ErrNotFound = newError(KindNotFound, "not_found", "There is nothing at this address.")
	// ErrValidationFailed is a request that does not follow the API's schema.
	ErrValidationFailed = newError(KindInvalid, "validation_failed", "The request does not have the expected form.")
	// ErrInternal replaces an unexpected error towards clients.
	ErrInternal = newError(KindInternal, "internal_error", "Something went wrong in the service. Its operator can find the cause by the request_id.")
)
