package generate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// patience is the longest time that a client waits for an answer. A service gives up a
// request after 5 seconds; the floor never does.
const patience = 60 * time.Second

// client sends the requests of one load over connections that it keeps.
type client struct {
	http    *fasthttp.HostClient
	prefix  string
	request Request
	path    template
	body    template
	holds   template // Request.Contains
	header  map[string]template
}

// newClient prepares the requests of a load. Errors: a base that is no URL of a loopback
// address, because this tool must not flood any other machine; a broken template.
func newClient(base string, request Request) (*client, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme != "http" || ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%q is not the URL of a loopback address", base)
	}
	c := &client{
		http: &fasthttp.HostClient{
			Addr:                      u.Host,
			MaxConns:                  1 << 16, // each client waits for an answer, never for a connection
			MaxIdleConnDuration:       3 * time.Second,
			ReadTimeout:               patience,
			WriteTimeout:              patience,
			MaxIdemponentCallAttempts: 1, // fasthttp would repeat a GET by itself
			NoDefaultUserAgentHeader:  true,
			ReadBufferSize:            16 << 10,
		},
		prefix:  u.Path,
		request: request,
		header:  map[string]template{},
	}
	var errs [3]error
	c.path, errs[0] = parseTemplate(request.Path)
	c.body, errs[1] = parseTemplate(request.Body)
	c.holds, errs[2] = parseTemplate(request.Contains)
	for name, value := range request.Header {
		if c.header[name], err = parseTemplate(value); err != nil {
			return nil, err
		}
	}
	return c, errors.Join(errs[:]...)
}

func (c *client) close() { c.http.CloseIdleConnections() }

// outcome is what became of one request.
type outcome struct {
	ok     bool
	status int    // 0 if there was no answer
	kind   string // as in Result.Answers
	detail string // the beginning of the answer, for what is neither a success nor a usual refusal
}

// send sends one request for a user. Variables that the request takes are stored in the
// user. Errors: the request cannot be made; what the server does is an outcome.
func (c *client) send(user User) (outcome, error) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	if err := c.fill(req, user); err != nil {
		return outcome{}, err
	}
	if err := c.http.Do(req, resp); err != nil {
		return outcome{kind: "no answer: " + reason(err), detail: err.Error()}, nil
	}
	return c.judge(resp.StatusCode(), resp.Body(), user)
}

func (c *client) fill(req *fasthttp.Request, user User) error {
	path, err := c.path.fill([]byte(c.prefix), user)
	if err != nil {
		return err
	}
	req.Header.SetMethod(c.request.Method)
	req.Header.SetRequestURIBytes(path)
	req.Header.SetHost(c.http.Addr)
	for name, value := range c.header {
		text, err := value.fill(nil, user)
		if err != nil {
			return err
		}
		req.Header.SetBytesV(name, text)
	}
	body, err := c.body.fill(nil, user)
	if err != nil || len(body) == 0 {
		return err
	}
	req.Header.SetContentType("application/json")
	req.SetBodyRaw(body)
	return nil
}

// judge decides what an answer is.
func (c *client) judge(status int, body []byte, user User) (outcome, error) {
	o := outcome{status: status, kind: strconv.Itoa(status)}
	if !slices.Contains(c.request.Want, status) {
		if code := problemCode(body); code != "" {
			o.kind += " " + code
		}
		if !usual(status) {
			o.detail = beginning(body)
		}
		return o, nil
	}
	text, err := c.holds.fill(nil, user)
	if err != nil {
		return o, err
	}
	if !bytes.Contains(body, text) || !take(c.request.Take, body, user) {
		o.kind, o.detail = "wrong answer", beginning(body)
		return o, nil
	}
	o.ok = true
	return o, nil
}

// usual reports whether every service gives this answer now and then.
func usual(status int) bool {
	return slices.Contains([]int{401, 403, 429, 503}, status)
}

// problemCode returns the stable code of a problem document (RFC 9457), or "".
func problemCode(body []byte) string {
	var problem struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(body, &problem) // anything else has no code
	return problem.Code
}

// take fills variables from members of the answer, and reports whether it has them all.
func take(members map[string]string, body []byte, user User) bool {
	if len(members) == 0 {
		return true
	}
	var answer map[string]any
	if json.Unmarshal(body, &answer) != nil {
		return false
	}
	for name, member := range members {
		value, ok := answer[member].(string)
		if !ok {
			return false
		}
		user[name] = value
	}
	return true
}

func beginning(body []byte) string { return string(body[:min(len(body), 200)]) }

// reason names the usual reasons for which there is no answer.
func reason(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, fasthttp.ErrTimeout), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, fasthttp.ErrConnectionClosed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection closed"
	}
	return "other"
}
