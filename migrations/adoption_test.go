package migrations_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/seed543b3b27/auth-service/migrations"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

// legacy is a database of the older service.
type legacy struct {
	dialect, file string
	// hash is the column of the password hashes.
	hash string
	// ids are the users' old identifiers; uuids is whether they stay.
	ids   [4]string
	uuids bool
	// leftBehind and demoted are expected in the report.
	leftBehind []string
	demoted    map[string]int
}

var uuids = [4]string{
	"6f1c1f0e-58a5-4b2e-9d0b-0c6b3a0f4a01", "a3b7c2d4-1e5f-4a6b-8c7d-9e0f1a2b3c02",
	"0d9e8f7a-6b5c-4d3e-2f1a-0b9c8d7e6f03", "f0e1d2c3-b4a5-4968-8778-695a4b3c2d04",
}

var legacies = []legacy{
	{dialect: "postgres", file: "postgres_integer", hash: "hashed_password", ids: [4]string{"1", "2", "5", "7"}, leftBehind: []string{"full_name"}},
	{dialect: "postgres", file: "postgres_uuid", hash: "password_hash", ids: uuids, uuids: true, demoted: map[string]int{"MODERATOR": 1}},
	{dialect: "sqlite", file: "sqlite_integer", hash: "hashed_password", ids: [4]string{"1", "2", "5", "7"}},
	{dialect: "sqlite", file: "sqlite_uuid", hash: "password_hash", ids: [4]string{
		strings.ReplaceAll(uuids[0], "-", ""), strings.ReplaceAll(uuids[1], "-", ""),
		strings.ReplaceAll(uuids[2], "-", ""), strings.ReplaceAll(uuids[3], "-", ""),
	}, uuids: true, demoted: map[string]int{"moderator": 1}},
}

// load returns a database that holds a copy of it.
func (l legacy) load(t testing.TB) database {
	t.Helper()
	d := newDatabase(t, l.dialect)
	dump, err := os.ReadFile("testdata/legacy/" + l.file + ".sql")
	require.NoError(t, err)
	d.exec(t, string(dump))
	return d
}

// onLegacies runs a test on a copy of every database of the older service.
func onLegacies(t *testing.T, test func(t *testing.T, d database, l legacy)) {
	for _, l := range legacies {
		t.Run(l.file, func(t *testing.T) {
			t.Parallel()
			test(t, l.load(t), l)
		})
	}
}

func TestAdoption_UsersKeepTheirIdentity(t *testing.T) {
	t.Parallel()
	onLegacies(t, func(t *testing.T, d database, l legacy) {
		ctx := within(t)
		m := d.migrator(t)
		err := m.Check(ctx)
		require.ErrorIs(t, err, migrations.ErrOutdated)
		report, err := m.Up(ctx)
		require.NoError(t, err)
		assert.Equal(t, everyStep, report.Applied)
		want := migrations.Adoption{Users: 4, LeftBehind: l.leftBehind, Demoted: l.demoted}
		if want.Demoted == nil {
			want.Demoted = map[string]int{}
		}
		assert.Equal(t, &want, report.Adoption)
		require.NoError(t, m.Check(ctx))

		users := []struct{ email, is, createdAt, updatedAt string }{
			{"admin@example.com", "admin active 1", "2023-01-15T08:30:00.123456Z", "2024-01-20T08:00:00.000000Z"},
			{"member@example.com", "user active 1", "2023-02-15T08:30:00.123456Z", "2024-02-20T08:00:00.000000Z"},
			{"unverified@example.com", "user active 0", "2023-03-15T08:30:00.123456Z", "2023-03-15T08:30:00.123456Z"},
			{"disabled@example.com", "user disabled 1", "2023-04-15T08:30:00.123456Z", "2024-04-20T08:00:00.000000Z"},
		}
		for i, u := range users {
			where := " FROM users WHERE legacy_id = '" + l.ids[i] + "'"
			assert.Equal(t, u.email, d.text(t, "SELECT email"+where))
			assert.Equal(t, u.is, d.text(t, "SELECT role || ' ' || status || ' ' || CAST(email_verified AS integer)"+where))
			assert.Equal(t, "1 1", d.text(t, "SELECT session_epoch || ' ' || version"+where))
			assert.Equal(t, u.createdAt, d.text(t, "SELECT "+d.isoTime("created_at")+where))
			assert.Equal(t, u.updatedAt, d.text(t, "SELECT "+d.isoTime("updated_at")+where))
			hash := d.text(t, "SELECT password_hash"+where)
			assert.True(t, strings.HasPrefix(hash, "$2b$12$"), hash)
			assert.Equal(t, d.text(t, "SELECT "+l.hash+" FROM legacy_users WHERE lower(email) = '"+u.email+"'"), hash)
			id := d.text(t, "SELECT CAST(id AS text)"+where)
			if l.uuids {
				assert.Equal(t, uuids[i], id)
			} else {
				assert.Regexp(t, "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id)
			}
		}
		first := d.text(t, "SELECT password_hash FROM users WHERE email = 'admin@example.com'")
		require.NoError(t, bcrypt.CompareHashAndPassword([]byte(first), []byte("first-legacy-password")))
		assert.Equal(t, "4", d.text(t, "SELECT count(*) FROM legacy_users"), "the old tables are kept")
		for _, table := range []string{"user_sessions", "password_reset_tokens", "email_verification_tokens"} {
			assert.Equal(t, "0", d.text(t, "SELECT count(*) FROM "+table), "sessions and tokens end")
			assert.NotEqual(t, "0", d.text(t, "SELECT count(*) FROM legacy_"+table), "the old tables are kept")
		}

		before := d.text(t, "SELECT id FROM users WHERE email = 'admin@example.com'")
		again, err := m.Up(ctx)
		require.NoError(t, err)
		assert.Equal(t, migrations.Report{}, again, "adopted once")
		assert.Equal(t, before, d.text(t, "SELECT id FROM users WHERE email = 'admin@example.com'"))
	})
}

// isoTime returns an expression for a time in UTC, to the microsecond.
func (d database) isoTime(column string) string {
	if d.dialect == "sqlite" {
		return column
	}
	return "to_char(" + column + ` AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}

// ourSchema leaves out the objects of the older service.
func ourSchema(objects []string) []string {
	var ours []string
	for _, object := range objects {
		if !strings.Contains(object, "legacy_") && !strings.Contains(object, "alembic") && !strings.Contains(object, "userrole") {
			ours = append(ours, object)
		}
	}
	return ours
}

func TestAdoption_GivesTheSameSchemaAsAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	onLegacies(t, func(t *testing.T, d database, l legacy) {
		ctx := within(t)
		fresh := newDatabase(t, l.dialect)
		_, err := fresh.migrator(t).Up(ctx)
		require.NoError(t, err)
		_, err = d.migrator(t).Up(ctx)
		require.NoError(t, err)
		assert.Equal(t, ourSchema(fresh.schema(t)), ourSchema(d.schema(t)))
	})
}

func TestAdoption_SteppingBackBringsTheOldTablesBack(t *testing.T) {
	t.Parallel()
	onLegacies(t, func(t *testing.T, d database, _ legacy) {
		ctx := within(t)
		before := withoutNotes(d.schema(t))
		m := d.migrator(t)
		_, err := m.Up(ctx)
		require.NoError(t, err)
		for range everyStep {
			_, err = m.Down(ctx)
			require.NoError(t, err)
		}
		assert.Equal(t, before, withoutNotes(d.schema(t)))
		assert.Equal(t, "4", d.text(t, "SELECT count(*) FROM users"))
		assert.Equal(t, "1", d.text(t, "SELECT count(*) FROM password_reset_tokens"))

		report, err := m.Up(ctx)
		require.NoError(t, err)
		require.NotNil(t, report.Adoption, "a step is missing from everyStep, or one does not step back")
		assert.Equal(t, 4, report.Adoption.Users, "the tables can be adopted again")
	})
}

// withoutNotes leaves out the table of the steps, and SQLite's quoting, which a
// renaming changes.
func withoutNotes(objects []string) []string {
	var others []string
	for _, object := range objects {
		if !strings.Contains(object, "schema_migrations") && !strings.Contains(object, "sqlite_sequence") {
			others = append(others, strings.ReplaceAll(object, `"`, ""))
		}
	}
	return others
}

func TestAdoption_SteppingBackRefusesToLoseChanges(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct{ statement, says string }{
		"changed": {"UPDATE users SET version = 2 WHERE email = 'member@example.com'", "1 were made or changed"},
		"deleted": {"DELETE FROM users WHERE email = 'member@example.com'", "1 that were deleted"},
		"new":     {"", "1 were made or changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onLegacies(t, func(t *testing.T, d database, _ legacy) {
				ctx := within(t)
				m := d.migrator(t)
				_, err := m.Up(ctx)
				require.NoError(t, err)
				statement := change.statement
				if statement == "" {
					statement = insertUser(d, nil)
				}
				d.exec(t, statement)
				for range len(everyStep) - 1 {
					_, err = m.Down(ctx)
					require.NoError(t, err)
				}
				before := d.schema(t)
				_, err = m.Down(ctx)
				require.ErrorIs(t, err, migrations.ErrWouldLoseData)
				require.ErrorContains(t, err, change.says)
				assert.Equal(t, before, d.schema(t))
			})
		})
	}
}

func TestAdoption_ListsEveryProblemAndChangesNothing(t *testing.T) {
	t.Parallel()
	onLegacies(t, func(t *testing.T, d database, l legacy) {
		ctx := within(t)
		d.exec(t, "UPDATE users SET email = ' MEMBER@example.com ' WHERE email = 'unverified@example.com'")
		d.exec(t, "UPDATE users SET email = 'no address' WHERE email = 'disabled@example.com'")
		before := d.schema(t)
		m := d.migrator(t)
		report, err := m.Up(ctx)
		var refused *migrations.AdoptionError
		require.ErrorAs(t, err, &refused)
		assert.Empty(t, report.Applied)
		assert.ElementsMatch(t, []migrations.AdoptionProblem{
			{LegacyID: l.ids[1], Email: "member@example.com", Reason: "More than one user has the address member@example.com."},
			{LegacyID: l.ids[2], Email: " MEMBER@example.com ", Reason: "More than one user has the address member@example.com."},
			{LegacyID: l.ids[3], Email: "no address", Reason: "The e-mail address has no @."},
		}, refused.Problems)
		for _, p := range refused.Problems {
			assert.ErrorContains(t, err, `id "`+p.LegacyID+`", email "`+p.Email+`"`)
		}
		assert.Equal(t, before, d.schema(t), "nothing has changed")

		d.exec(t, "UPDATE users SET email = 'third@example.com' WHERE email = ' MEMBER@example.com '")
		d.exec(t, "UPDATE users SET email = 'fourth@example.com' WHERE email = 'no address'")
		report, err = m.Up(ctx)
		require.NoError(t, err, "resolved")
		assert.Equal(t, 4, report.Adoption.Users)
	})
}

func TestAdoption_RefusesDatabasesThatItCannotAdopt(t *testing.T) {
	t.Parallel()
	const users = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, hashed_password TEXT);"
	for says, tables := range map[string]string{
		"it lacks the columns email, hashed_password or password_hash": "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)",
		"has user_sessions but no users table":                         "CREATE TABLE user_sessions (id INTEGER PRIMARY KEY)",
		"the names legacy_users are taken":                             users + "CREATE TABLE legacy_users (id INTEGER PRIMARY KEY)",
		"but schema_migrations does not say so":                        "CREATE TABLE users (id INTEGER PRIMARY KEY, session_epoch INTEGER)",
		`id "", email "a@example.com": the row has no id`:              "CREATE TABLE users (id TEXT, email TEXT, hashed_password TEXT); INSERT INTO users (email) VALUES ('a@example.com')",
		`created_at: "soon" is not a time`: "CREATE TABLE users (id INTEGER, email TEXT, hashed_password TEXT, created_at TEXT);" +
			"INSERT INTO users (id, email, created_at) VALUES (1, 'a@example.com', 'soon')",
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, d database) {
				d.exec(t, tables)
				before := d.schema(t)
				_, err := d.migrator(t).Up(within(t), migrations.AdoptAnyUsers())
				require.ErrorContains(t, err, says)
				assert.Equal(t, before, d.schema(t))
			})
		})
	}
}

// F-A25: a users table alone may belong to any application.
func TestAdoption_TakesOtherApplicationsOverOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		ctx, m := within(t), d.migrator(t)
		d.exec(t, `CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, password_hash TEXT, plan TEXT);
			INSERT INTO users VALUES (1, 'ada@example.com', '', 'gold');
			CREATE TABLE user_sessions (id INTEGER PRIMARY KEY);
			CREATE TABLE orders (id INTEGER PRIMARY KEY)`)
		before := withoutNotes(d.schema(t))
		_, err := m.Up(ctx)
		require.ErrorIs(t, err, migrations.ErrForeignTables)
		require.ErrorContains(t, err, "it has user_sessions, users, but not password_reset_tokens, email_verification_tokens, which")
		require.ErrorContains(t, err, "auth-service migrate up --adopt")
		assert.Equal(t, before, withoutNotes(d.schema(t)), "nothing was changed")
		assert.Equal(t, "1", d.text(t, "SELECT count(*) FROM users"))

		report, err := m.Up(ctx, migrations.AdoptAnyUsers())
		require.NoError(t, err)
		assert.Equal(t, &migrations.Adoption{Users: 1, LeftBehind: []string{"plan"}, Demoted: map[string]int{}}, report.Adoption)
		assert.Equal(t, "gold", d.text(t, "SELECT plan FROM legacy_users"))
		assert.Equal(t, "ada@example.com", d.text(t, "SELECT email FROM users"))
	})
}

// F-A24: a database that cannot store every character is refused before anything is
// changed, also by the check that readiness rests on.
func TestUp_RefusesDatabasesOfAnotherEncoding(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{"LATIN1", "SQL_ASCII"} {
		d := database{"postgres", postgrestest.NewDatabaseEncoded(t, encoding)}
		m := d.migrator(t)
		require.ErrorIs(t, m.Check(within(t)), migrations.ErrEncoding)
		_, err := m.Up(within(t))
		require.ErrorIs(t, err, migrations.ErrEncoding)
		require.ErrorContains(t, err, "has "+encoding+": make another one with: createdb --encoding=UTF8")
		for _, object := range d.schema(t) {
			assert.NotContains(t, object, "users")
		}
	}
}

// Tables that only refer to users stay, and refer to the kept table.
func TestAdoption_LeavesOtherTablesInPeace(t *testing.T) {
	t.Parallel()
	onLegacies(t, func(t *testing.T, d database, l legacy) {
		kind := map[string]string{"postgres_uuid": "uuid", "sqlite_uuid": "CHAR(32)"}[l.file]
		if kind == "" {
			kind = "INTEGER"
		}
		d.exec(t, "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id "+kind+" REFERENCES users (id))")
		d.exec(t, "INSERT INTO orders VALUES (1, '"+l.ids[1]+"')")
		_, err := d.migrator(t).Up(within(t))
		require.NoError(t, err)
		assert.Equal(t, "member@example.com", d.text(t, `SELECT u.email FROM orders o
			JOIN users u ON u.legacy_id = CAST(o.user_id AS text) OR CAST(u.id AS text) = CAST(o.user_id AS text)`))
	})
}

func TestAdoption_CopiesMoreThanOneBatch(t *testing.T) {
	t.Parallel()
	onLegacies(t, func(t *testing.T, d database, l legacy) {
		if l.uuids {
			d.exec(t, "DELETE FROM users WHERE email <> 'member@example.com'")
		}
		d.exec(t, manyUsers(l))
		report, err := d.migrator(t).Up(within(t))
		require.NoError(t, err)
		total := d.text(t, "SELECT count(*) FROM legacy_users")
		assert.Equal(t, total, d.text(t, "SELECT count(*) FROM users"))
		assert.Greater(t, report.Adoption.Users, 1200)
	})
}

// manyUsers returns a statement that adds 1,200 users like the second.
func manyUsers(l legacy) string {
	const series = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) "
	switch l.file {
	case "postgres_integer":
		return series + "INSERT INTO users (email, hashed_password) SELECT 'user' || i || '@example.com', hashed_password FROM n, users u WHERE u.email = 'member@example.com'"
	case "postgres_uuid":
		return series + "INSERT INTO users (email, password_hash) SELECT 'user' || i || '@example.com', password_hash FROM n, users u WHERE u.email = 'member@example.com'"
	case "sqlite_integer":
		return series + "INSERT INTO users (email, hashed_password, is_active, is_verified) SELECT 'user' || i || '@example.com', hashed_password, 1, 1 FROM n, users u WHERE u.email = 'member@example.com'"
	default:
		return series + "INSERT INTO users (id, email, password_hash, role) SELECT lower(hex(randomblob(16))), 'user' || i || '@example.com', password_hash, 'user' FROM n, users u WHERE u.email = 'member@example.com'"
	}
}
