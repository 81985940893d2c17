package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/domain"
)

// run runs the command line and returns its exit code and its output.
func run(t *testing.T, environment map[string]string, input string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(args, IO{In: strings.NewReader(input), Out: &stdout, Err: &stderr, Environment: environment})
	return code, stdout.String(), stderr.String()
}

func TestPlainText_ShowsTheDetailOfARefusal(t *testing.T) {
	t.Parallel()
	assert.Equal(t, domain.ErrLastAdmin.Detail, plainText(domain.ErrLastAdmin))
}

// The text for clients hides the cause of an outage; the command line shows it.
func TestPlainText_ShowsTheCauseOfAnOutage(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("database: asking: %w: %w", domain.ErrUnavailable, errors.New("password authentication failed"))
	assert.Equal(t, "database: asking: password authentication failed", plainText(err))
}
