package upgrade

import (
	"os"
	"testing"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }
