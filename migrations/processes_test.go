package migrations_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/migrations"
)

// The test binary is its own second process: with these variables it migrates
// instead of testing.
const (
	childDialect = "MIGRATIONS_TEST_DIALECT"
	childDSN     = "MIGRATIONS_TEST_DSN"
	// childStop names the step in the middle of which the process reports it
	// and waits to be killed.
	childStop = "MIGRATIONS_TEST_STOP"
)

func TestMain(m *testing.M) {
	if dialect := os.Getenv(childDialect); dialect != "" {
		if err := migrateAsChild(database{dialect, os.Getenv(childDSN)}, os.Getenv(childStop)); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func migrateAsChild(d database, stop string) error {
	db, err := d.connect()
	if err != nil {
		return err
	}
	m, err := migrations.NewInterrupted(db, stop, func() {
		fmt.Println("stopped in " + stop)
		select {}
	})
	if err != nil {
		return err
	}
	report, err := m.Up(context.Background())
	fmt.Println(strings.Join(report.Applied, " "))
	return err
}

// child returns this binary as a process that migrates d.
func (d database) child(t testing.TB, stop string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(within(t), self)
	cmd.Env = append(os.Environ(), childDialect+"="+d.dialect, childDSN+"="+d.dsn, childStop+"="+stop)
	return cmd
}

// two processes starting at once migrate exactly once.
func TestUp_TwoProcessesApplyEachStepOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		var outputs [2]strings.Builder
		var children [2]*exec.Cmd
		for i := range children {
			children[i] = d.child(t, "")
			children[i].Stdout, children[i].Stderr = &outputs[i], &outputs[i]
			require.NoError(t, children[i].Start())
		}
		var applied []string
		for i, c := range children {
			require.NoError(t, c.Wait(), outputs[i].String())
			applied = append(applied, strings.Fields(outputs[i].String())...)
		}
		assert.ElementsMatch(t, everyStep, applied)
		require.NoError(t, d.migrator(t).Check(within(t)))
	})
}

func TestUp_CompletesAKilledRun(t *testing.T) {
	t.Parallel()
	for i, step := range everyStep {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, d database) {
				d.killIn(t, step)
				m := d.migrator(t)
				report, err := m.Up(within(t))
				require.NoError(t, err)
				assert.Equal(t, everyStep[i:], report.Applied, "committed steps stay, and the other one is undone")

				fresh := newDatabase(t, d.dialect)
				_, err = fresh.migrator(t).Up(within(t))
				require.NoError(t, err)
				assert.Equal(t, fresh.schema(t), d.schema(t))
			})
		})
	}
}

func TestAdoption_AKilledOneLeavesTheOldTablesAsTheyWere(t *testing.T) {
	t.Parallel()
	onLegacies(t, func(t *testing.T, d database, _ legacy) {
		before := d.schema(t)
		d.killIn(t, "0001_initial")
		m := d.migrator(t)
		// The server may need a moment to notice that its client is gone; the
		// next run waits for that by itself.
		report, err := m.Up(within(t))
		require.NoError(t, err)
		assert.Equal(t, 4, report.Adoption.Users)
		for range everyStep {
			_, err := m.Down(within(t))
			require.NoError(t, err)
		}
		assert.Equal(t, withoutNotes(before), withoutNotes(d.schema(t)))
	})
}

// killIn runs a process that is killed in the middle of a step.
func (d database) killIn(t testing.TB, step string) {
	t.Helper()
	cmd := d.child(t, step)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "stopped in "+step+"\n", line)
	require.NoError(t, cmd.Process.Kill())
	require.EqualError(t, cmd.Wait(), "signal: killed")
}
