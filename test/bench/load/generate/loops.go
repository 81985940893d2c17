package generate

import (
	"sync"
	"time"
)

// closed runs a closed loop until the end of the window and waits for the last answers.
func (l *loop) closed() {
	var running sync.WaitGroup
	for i := range l.load.Clients {
		r := &record{}
		l.records = append(l.records, r)
		running.Go(func() { l.one(i, r) })
	}
	running.Wait()
}

// one is one client of a closed loop. Answers count if they arrive within the window.
func (l *loop) one(number int, r *record) {
	for at := number; ; {
		sent := time.Now()
		if !sent.Before(l.end) {
			return
		}
		o, err := l.client.send(l.turn(l.load.Users[at]))
		if l.fail(err) {
			return
		}
		now := time.Now()
		if now.After(l.begin) && now.Before(l.end) {
			r.add(o, now.Sub(sent))
		}
		if l.load.Keep && !o.ok {
			return // a refresh token that was refused leads to no other one
		}
		if l.load.Once && !o.ok {
			continue // the user is still good
		}
		if at += l.load.Clients; at >= len(l.load.Users) {
			if l.load.Once {
				return
			}
			at = number
		}
	}
}

// open runs an open loop through the window and waits for the last answers. It has no
// warm-up of its own, because it is a small load beside others.
func (l *loop) open() {
	r := &record{}
	l.records = append(l.records, r)
	var mu sync.Mutex // guards r
	var running sync.WaitGroup
	step := time.Duration(float64(time.Second) / l.load.Rate)
	for i := 0; ; i++ {
		planned := l.begin.Add(time.Duration(i) * step)
		if !planned.Before(l.end) {
			break
		}
		time.Sleep(time.Until(planned))
		user := l.turn(l.load.Users[i%len(l.load.Users)])
		running.Go(func() {
			lag := time.Since(planned)
			o, err := l.client.send(user)
			took := time.Since(planned)
			if l.fail(err) {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			r.lag = append(r.lag, lag)
			r.add(o, took)
		})
	}
	running.Wait()
}
