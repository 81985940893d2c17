package arch

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The rule is useful only if it can fail.
func TestRule_FindsEveryKindOfViolation(t *testing.T) {
	t.Parallel()
	const m = module + "/"
	for name, c := range map[string]struct {
		bad  listed
		want string
	}{
		"domain on ports":          {listed{ImportPath: m + "domain", Imports: []string{m + "ports"}}, "must not import " + m + "ports"},
		"domain on a third party":  {listed{ImportPath: m + "domain", Imports: []string{"github.com/google/uuid"}}, "third party github.com/google/uuid"},
		"domain transitively":      {listed{ImportPath: m + "domain", Deps: []string{"time", "golang.org/x/sys/unix"}}, "must not depend on golang.org/x/sys/unix"},
		"domain on our own below":  {listed{ImportPath: m + "domain", Deps: []string{m + "ports"}}, "must not depend on " + m + "ports"},
		"domain tests on adapters": {listed{ImportPath: m + "domain", XTestImports: []string{m + "adapters/memory"}}, "in its tests"},
		"domain tests on a party":  {listed{ImportPath: m + "domain", TestImports: []string{"github.com/google/uuid"}}, "in its tests"},
		"ports on application":     {listed{ImportPath: m + "ports", Imports: []string{m + "application"}}, "must not import " + m + "application"},
		"ports on a third party":   {listed{ImportPath: m + "ports", Imports: []string{"github.com/google/uuid"}}, "third party"},
		"application on adapters":  {listed{ImportPath: m + "application", Imports: []string{m + "adapters/memory"}}, "must not import " + m + "adapters/memory"},
		"application on a party":   {listed{ImportPath: m + "application", Imports: []string{"github.com/google/uuid"}}, "third party"},
		"use cases on a sibling":   {listed{ImportPath: m + "application/password", Imports: []string{m + "application/signin"}}, "must not import " + m + "application/signin"},
		"kit on use cases":         {listed{ImportPath: m + "application/internal/kit", Imports: []string{m + "application/signin"}}, "must not import " + m + "application/signin"},
		"adapter on kit":           {listed{ImportPath: m + "adapters/memory", Imports: []string{m + "application/internal/kit"}}, "must not import " + m + "application/internal/kit"},
		"adapter on another":       {listed{ImportPath: m + "adapters/httpapi", Imports: []string{m + "adapters/memory"}}, "must not import " + m + "adapters/memory"},
		"adapter on application":   {listed{ImportPath: m + "adapters/httpapi", Imports: []string{m + "application"}}, "must not import " + m + "application"},
		"adapter on bootstrap":     {listed{ImportPath: m + "adapters/jobs", Imports: []string{m + "bootstrap"}}, "must not import " + m + "bootstrap"},
		"adapter's inner package":  {listed{ImportPath: m + "adapters/smtp/templates", Imports: []string{m + "adapters/jobs"}}, "must not import " + m + "adapters/jobs"},
		"application on shared":    {listed{ImportPath: m + "application", Imports: []string{m + "adapters/internal/jws"}}, "must not import " + m + "adapters/internal/jws"},
		"shared on an adapter":     {listed{ImportPath: m + "adapters/internal/jws", Imports: []string{m + "adapters/tokens"}}, "must not import " + m + "adapters/tokens"},
		"shared on another":        {listed{ImportPath: m + "adapters/internal/edge", Imports: []string{m + "adapters/internal/jws"}}, "must not import " + m + "adapters/internal/jws"},
		"bootstrap on shared":      {listed{ImportPath: m + "bootstrap", Imports: []string{m + "adapters/internal/jws"}}, "must not import " + m + "adapters/internal/jws"},
		"jws transitively":         {listed{ImportPath: m + "adapters/internal/jws", Deps: []string{"time", "github.com/golang-jwt/jwt/v5"}}, "must not depend on github.com/golang-jwt/jwt/v5"},
		"jws on our own below":     {listed{ImportPath: m + "adapters/internal/jws", Deps: []string{m + "domain", m + "ports"}}, "must not depend on " + m + "ports"},
		"verify transitively":      {listed{ImportPath: m + "adapters/verify", Deps: []string{"net/http", "github.com/golang-jwt/jwt/v5"}}, "must not depend on github.com/golang-jwt/jwt/v5"},
		"verify on ports":          {listed{ImportPath: m + "adapters/verify", Imports: []string{m + "ports"}}, "must not import " + m + "ports"},
		"verify on an adapter":     {listed{ImportPath: m + "adapters/verify", Imports: []string{m + "adapters/tokens"}}, "must not import " + m + "adapters/tokens"},
		"code on test helpers":     {listed{ImportPath: m + "adapters/memory", Imports: []string{m + "test/contract"}}, "must not import " + m + "test/contract"},
		"bootstrap on helpers":     {listed{ImportPath: m + "bootstrap", Imports: []string{m + "test/authtest"}}, "must not import " + m + "test/authtest"},
		"migrations on adapters":   {listed{ImportPath: m + "migrations", Imports: []string{m + "adapters/database"}}, "must not import " + m + "adapters/database"},
		"settings on the wiring":   {listed{ImportPath: m + "bootstrap/config", Imports: []string{m + "bootstrap/service"}}, "must not import " + m + "bootstrap/service"},
		"settings on application":  {listed{ImportPath: m + "bootstrap/config", Imports: []string{m + "application/signin"}}, "must not import " + m + "application/signin"},
		"assembly on adapters":     {listed{ImportPath: m + "bootstrap/assembly", Imports: []string{m + "adapters/memory"}}, "must not import " + m + "adapters/memory"},
		"wiring on commands":       {listed{ImportPath: m + "bootstrap/service", Imports: []string{m + "bootstrap/cli"}}, "must not import " + m + "bootstrap/cli"},
		"main on application":      {listed{ImportPath: module, Imports: []string{m + "application"}}, "must not import " + m + "application"},
		"fx elsewhere":             {listed{ImportPath: m + "adapters/memory", Imports: []string{"go.uber.org/fx/fxevent"}}, "belongs to bootstrap/service"},
		"fx in other tests":        {listed{ImportPath: m + "application", XTestImports: []string{"go.uber.org/fx"}}, "belongs to bootstrap/service"},
		"gorm elsewhere":           {listed{ImportPath: m + "bootstrap", Imports: []string{"gorm.io/gorm"}}, "must not import gorm.io/gorm"},
		"a driver elsewhere":       {listed{ImportPath: m + "bootstrap", Imports: []string{"gorm.io/driver/postgres"}}, "must not import gorm.io/driver/postgres"},
		"fiber elsewhere":          {listed{ImportPath: m + "bootstrap", Imports: []string{"github.com/gofiber/fiber/v2/middleware/cors"}}, "belongs to adapters/internal/edge"},
		"fiber in the API":         {listed{ImportPath: m + "adapters/httpapi", Imports: []string{"github.com/gofiber/fiber/v2"}}, "belongs to adapters/internal/edge"},
		"fasthttp in the API":      {listed{ImportPath: m + "adapters/httpapi", TestImports: []string{"github.com/valyala/fasthttp"}}, "belongs to adapters/internal/edge"},
		"huma in the engine":       {listed{ImportPath: m + "adapters/internal/edge", Imports: []string{"github.com/danielgtaylor/huma/v2"}}, "belongs to adapters/httpapi"},
		"engine on domain":         {listed{ImportPath: m + "adapters/internal/edge", Imports: []string{m + "domain"}}, "must not import " + m + "domain"},
		"engine on ports":          {listed{ImportPath: m + "adapters/internal/edge", Imports: []string{m + "ports"}}, "must not import " + m + "ports"},
		"engine on an adapter":     {listed{ImportPath: m + "adapters/internal/edge", Imports: []string{m + "adapters/memory"}}, "must not import " + m + "adapters/memory"},
		"huma elsewhere":           {listed{ImportPath: m + "adapters/tokens", Imports: []string{"github.com/danielgtaylor/huma/v2"}}, "belongs to adapters/httpapi"},
		"QR codes elsewhere":       {listed{ImportPath: m + "adapters/smtp", Imports: []string{"rsc.io/qr"}}, "belongs to adapters/httpapi"},
		"a namesake of a folder":   {listed{ImportPath: m + "adapters/httpapi2", Imports: []string{"github.com/danielgtaylor/huma/v2"}}, "belongs to adapters/httpapi"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := violations([]listed{c.bad})
			if assert.NotEmpty(t, found) {
				assert.Contains(t, found[0], c.bad.ImportPath+" must not ")
				assert.Contains(t, found[0], c.want)
			}
		})
	}
}

func TestRule_AllowsTheImportsOfTheLayout(t *testing.T) {
	t.Parallel()
	const m = module + "/"
	assert.Empty(t, violations([]listed{
		{ImportPath: m + "domain", Imports: []string{"time"}, Deps: []string{"time", "internal/cpu", "vendor/golang.org/x/net/idna"},
			XTestImports: []string{m + "domain", "github.com/stretchr/testify/assert", "pgregory.net/rapid"}},
		{ImportPath: m + "ports", Imports: []string{"context", m + "domain"}},
		{ImportPath: m + "application", Imports: []string{m + "domain", m + "ports"}, XTestImports: []string{m + "adapters/memory"}},
		{ImportPath: m + "application/signin", Imports: []string{m + "application/internal/kit"}, XTestImports: []string{m + "bootstrap/assembly"}},
		{ImportPath: m + "adapters/memory", Imports: []string{m + "domain", m + "ports"}, TestImports: []string{m + "test/contract"}},
		{ImportPath: m + "adapters/smtp", Imports: []string{m + "adapters/smtp/templates", "github.com/wneessen/go-mail"}},
		{ImportPath: m + "adapters/internal/jws", Imports: []string{m + "domain"}, Deps: []string{"crypto/rsa", m + "domain"}, XTestImports: []string{"github.com/stretchr/testify/assert"}},
		{ImportPath: m + "adapters/verify", Imports: []string{"net/http", m + "adapters/internal/jws", m + "domain"}, XTestImports: []string{m + "test/authtest"}},
		{ImportPath: m + "adapters/tokens", Imports: []string{m + "adapters/internal/jws", "github.com/golang-jwt/jwt/v5"}},
		{ImportPath: m + "adapters/database", Imports: []string{"gorm.io/gorm", "github.com/glebarez/sqlite"}},
		{ImportPath: m + "adapters/internal/edge", Imports: []string{"github.com/gofiber/fiber/v2", "github.com/valyala/fasthttp"}},
		{ImportPath: m + "adapters/httpapi", Imports: []string{m + "adapters/internal/edge", "github.com/danielgtaylor/huma/v2", "rsc.io/qr"}},
		{ImportPath: m + "migrations", Imports: []string{"gorm.io/gorm", "github.com/go-gormigrate/gormigrate/v2"}},
		{ImportPath: m + "bootstrap/service", Imports: []string{m + "adapters/memory", m + "application", "go.uber.org/fx"}},
		{ImportPath: m + "test/authtest", Imports: []string{m + "bootstrap/service"}},
		{ImportPath: m + "bootstrap/cli", Imports: []string{m + "bootstrap/service", m + "bootstrap/config", m + "migrations"}},
		{ImportPath: module, Imports: []string{m + "bootstrap"}},
	}))
}
