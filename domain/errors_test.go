package domain_test

import (
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// catalogue holds every refusal of the service by its code. Codes are a contract:
// a change here breaks clients.
var catalogue = map[string]struct {
	err   *domain.Error
	kind  domain.Kind
	field string
}{
	"invalid_email":            {domain.ErrInvalidEmail, domain.KindInvalid, "email"},
	"password_too_short":       {domain.ErrPasswordTooShort, domain.KindInvalid, "password"},
	"password_too_long":        {domain.ErrPasswordTooLong, domain.KindInvalid, "password"},
	"password_unreadable":      {domain.ErrPasswordUnreadable, domain.KindInvalid, "password"},
	"password_common":          {domain.ErrPasswordCommon, domain.KindInvalid, "password"},
	"password_from_context":    {domain.ErrPasswordFromContext, domain.KindInvalid, "password"},
	"wrong_password":           {domain.ErrWrongPassword, domain.KindInvalid, "current_password"},
	"invalid_role":             {domain.ErrInvalidRole, domain.KindInvalid, "role"},
	"invalid_status":           {domain.ErrInvalidStatus, domain.KindInvalid, "status"},
	"too_broad":                {domain.ErrTooBroad, domain.KindInvalid, ""},
	"invalid_parameter":        {domain.ErrInvalidParameter, domain.KindInvalid, ""},
	"invalid_cursor":           {domain.ErrInvalidCursor, domain.KindExpired, ""},
	"invalid_or_expired_token": {domain.ErrInvalidToken, domain.KindExpired, ""},
	"invalid_credentials":      {domain.ErrInvalidCredentials, domain.KindUnauthenticated, ""},
	"unauthenticated":          {domain.ErrUnauthenticated, domain.KindUnauthenticated, ""},
	"token_expired":            {domain.ErrTokenExpired, domain.KindUnauthenticated, ""},
	"session_ended":            {domain.ErrSessionEnded, domain.KindUnauthenticated, ""},
	"invalid_refresh_token":    {domain.ErrInvalidRefreshToken, domain.KindUnauthenticated, ""},
	"refresh_token_reused":     {domain.ErrRefreshTokenReused, domain.KindUnauthenticated, ""},
	"email_not_verified":       {domain.ErrEmailNotVerified, domain.KindForbidden, ""},
	"account_disabled":         {domain.ErrAccountDisabled, domain.KindForbidden, ""},
	"forbidden":                {domain.ErrForbidden, domain.KindForbidden, ""},
	"user_not_found":           {domain.ErrUserNotFound, domain.KindNotFound, ""},
	"session_not_found":        {domain.ErrSessionNotFound, domain.KindNotFound, ""},
	"token_not_found":          {domain.ErrTokenNotFound, domain.KindNotFound, ""},
	"email_taken":              {domain.ErrEmailTaken, domain.KindConflict, "email"},
	"last_admin":               {domain.ErrLastAdmin, domain.KindConflict, ""},
	"conflict":                 {domain.ErrConflict, domain.KindConflict, ""},
	"unavailable":              {domain.ErrUnavailable, domain.KindUnavailable, ""},
	"overloaded":               {domain.ErrOverloaded, domain.KindUnavailable, ""},
	"rate_limited":             {domain.ErrRateLimited, domain.KindThrottled, ""},

	"malformed_request":          {domain.ErrMalformedRequest, domain.KindProtocol, ""},
	"invalid_json":               {domain.ErrInvalidJSON, domain.KindProtocol, ""},
	"body_missing":               {domain.ErrBodyMissing, domain.KindProtocol, ""},
	"method_not_allowed":         {domain.ErrMethodNotAllowed, domain.KindProtocol, ""},
	"request_timeout":            {domain.ErrRequestTimeout, domain.KindProtocol, ""},
	"body_too_large":             {domain.ErrBodyTooLarge, domain.KindProtocol, ""},
	"uri_too_long":               {domain.ErrURITooLong, domain.KindProtocol, ""},
	"unsupported_media_type":     {domain.ErrUnsupportedMediaType, domain.KindProtocol, ""},
	"expectation_failed":         {domain.ErrExpectationFailed, domain.KindProtocol, ""},
	"headers_too_large":          {domain.ErrHeadersTooLarge, domain.KindProtocol, ""},
	"http_version_not_supported": {domain.ErrHTTPVersion, domain.KindProtocol, ""},
	"not_found":                  {domain.ErrNotFound, domain.KindNotFound, ""},
	"validation_failed":          {domain.ErrValidationFailed, domain.KindInvalid, ""},
	"internal_error":             {domain.ErrInternal, domain.KindInternal, ""},
}

func TestErrors_CodesAreStable(t *testing.T) {
	t.Parallel()
	sentence := regexp.MustCompile(`^[A-Z].*\.$`)
	for code, want := range catalogue {
		assert.Equal(t, code, want.err.Code)
		assert.Equal(t, want.kind, want.err.Kind, code)
		assert.Equal(t, want.field, want.err.Field, code)
		assert.Regexp(t, sentence, want.err.Detail, code)
		assert.Equal(t, want.kind == domain.KindUnavailable || want.kind == domain.KindThrottled, want.err.RetryAfter > 0, code)
		assert.Equal(t, code+": "+want.err.Detail, want.err.Error())
	}
}

func TestError_IsComparesTheCode(t *testing.T) {
	t.Parallel()
	changed := domain.ErrEmailTaken.WithDetail("another sentence").WithField("new_email").WithRetryAfter(time.Minute)
	require.ErrorIs(t, changed, domain.ErrEmailTaken)
	require.ErrorIs(t, fmt.Errorf("saving: %w", changed), domain.ErrEmailTaken)
	require.NotErrorIs(t, changed, domain.ErrConflict)
	require.NotErrorIs(t, changed, errors.New("email_taken"))
	assert.Equal(t, &domain.Error{
		Kind: domain.KindConflict, Code: "email_taken", Detail: "another sentence", Field: "new_email", RetryAfter: time.Minute,
	}, changed)
	assert.Equal(t, "email", domain.ErrEmailTaken.Field, "sentinels are never changed")
	assert.Zero(t, domain.ErrEmailTaken.RetryAfter)
}

func TestError_NamesTheRateLimitThatRefused(t *testing.T) {
	t.Parallel()
	exceeded := domain.Exceeded{Limit: "login_ip", Quota: domain.Quota{Events: 60, Per: time.Minute}}
	refusal := domain.ErrRateLimited.WithRetryAfter(3 * time.Second).WithExceeded(exceeded)
	require.ErrorIs(t, refusal, domain.ErrRateLimited)
	assert.Equal(t, &exceeded, refusal.Exceeded)
	assert.Equal(t, 3*time.Second, refusal.RetryAfter)
	assert.Equal(t, &exceeded, refusal.WithDetail("another sentence").Exceeded)
	assert.Nil(t, domain.ErrRateLimited.Exceeded, "sentinels are never changed")
}

func TestAtField_MovesDomainErrorsOnly(t *testing.T) {
	t.Parallel()
	var moved *domain.Error
	require.ErrorAs(t, domain.AtField(domain.ErrPasswordCommon, "new_password"), &moved)
	assert.Equal(t, "new_password", moved.Field)
	require.ErrorIs(t, moved, domain.ErrPasswordCommon)
	internal := errors.New("disk full")
	assert.Same(t, internal, domain.AtField(internal, "new_password"))
	assert.NoError(t, domain.AtField(nil, "new_password"))
}
