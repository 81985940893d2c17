package smuggling

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// attackPatience is how long an attacker waits for an answer. A gateway that waits for
// the rest of a request gives no answer at all.
const attackPatience = 250 * time.Millisecond

// findings are the observations of a probe.
type findings struct {
	mu sync.Mutex
	// attacks is the number of payloads, answered the number of those with an
	// answer. asked is the number of requests of the victims.
	attacks, answered, asked int
	// wrong are the victims' answers that were not their own; lost are their
	// requests without an answer.
	wrong, lost []string
}

// probe sends attacks to the address, one payload after the other, from as many
// attackers as there are victims. Before and after each payload a victim asks for
// its own account, over a connection that it keeps.
func probe(addr string, victims []victim, attacks int) *findings {
	f := &findings{}
	all := payloads()
	var wg sync.WaitGroup
	for w, v := range victims {
		wg.Go(func() {
			var c *connection
			for n := w; n < attacks; n += len(victims) {
				c = f.ask(addr, c, v, fmt.Sprintf("victim-%d-before-%d", w, n))
				f.attack(addr, all[n%len(all)].marked(fmt.Sprintf("attack-%d", n), swallowing(fmt.Sprint(n))))
				c = f.ask(addr, c, v, fmt.Sprintf("victim-%d-after-%d", w, n))
			}
			if c != nil {
				_ = c.Close()
			}
		})
	}
	wg.Wait()
	return f
}

// attack sends text over its own connection.
func (f *findings) attack(addr, text string) {
	c, err := connect(addr)
	if err == nil {
		_, _ = io.WriteString(c, text) // it may be refused before its end
		_, err = c.read(attackPatience)
		_ = c.Close()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.attacks++
	if err == nil {
		f.answered++
	}
}

// ask lets a victim send a request, and returns the connection for the next one.
func (f *findings) ask(addr string, c *connection, v victim, mark string) *connection {
	var wrong string
	last, err := true, error(nil)
	if c == nil {
		c, err = connect(addr)
	}
	if err == nil {
		wrong, last, err = v.ask(c, mark)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if err != nil {
		f.lost = append(f.lost, mark+": "+err.Error())
	}
	if wrong != "" {
		f.wrong = append(f.wrong, wrong)
	}
	if c != nil && last {
		_ = c.Close()
		return nil
	}
	return c
}
