package jobs

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// The kinds of rows. The releases before and after this one read them and the
// JSON names below, so change them only by adding.
const (
	mailKind    = "mail"
	cleanUpKind = "clean_up"
)

// mailArgs is the stored form of a ports.MailJob: identifiers are text, and empty
// ones are left out.
type mailArgs struct {
	Job        string    `json:"job"`
	Use        string    `json:"use,omitempty"`
	TokenID    string    `json:"token_id,omitempty"`
	Email      string    `json:"email,omitempty"`
	UserID     string    `json:"user_id,omitempty"`
	Notice     string    `json:"notice,omitempty"`
	IP         string    `json:"ip,omitempty"`
	UserAgent  string    `json:"user_agent,omitempty"`
	Bulk       bool      `json:"bulk,omitempty"`
	AcceptedAt time.Time `json:"accepted_at"`
	ExpiresAt  time.Time `json:"expires_at"`
}

// Kind names the row's kind to River.
func (mailArgs) Kind() string { return mailKind }

// The jobs of stored rows.
const (
	jobTokenMail           = "token_mail"
	jobResetRequest        = "reset_request"
	jobVerificationRequest = "verification_request"
	jobNotice              = "notice"
)

func argsOf(job ports.MailJob) mailArgs {
	args := mailArgs{Email: job.Email, IP: job.Client.IP, UserAgent: job.Client.UserAgent, Bulk: job.Bulk, AcceptedAt: job.AcceptedAt.UTC(), ExpiresAt: job.ExpiresAt.UTC()}
	use := job.Mail.Use()
	switch {
	case use == "":
		args.Job, args.Notice = jobNotice, string(job.Mail)
		switch {
		case job.TokenID.IsZero():
		case job.Mail == domain.MailEmailHeld || job.Mail == domain.MailEmailRestored:
			use = domain.UseUndoEmail
		default:
			use = domain.UseConfirmEmail
		}
	case job.Email == "":
		args.Job = jobTokenMail
	case use == domain.UseSetPassword:
		args.Job, use = jobResetRequest, ""
	default:
		args.Job, use = jobVerificationRequest, ""
	}
	args.Use = string(use)
	if !job.TokenID.IsZero() {
		args.TokenID = job.TokenID.String()
	}
	if !job.UserID.IsZero() {
		args.UserID = job.UserID.String()
	}
	return args
}

// mail returns the mail of a stored job. It is empty for an unknown job.
func (a mailArgs) mail() domain.MailKind {
	switch {
	case a.Job == jobNotice:
		return domain.MailKind(a.Notice)
	case a.Job == jobVerificationRequest || a.Job == jobTokenMail && a.Use == string(domain.UseConfirmEmail):
		return domain.MailVerifyEmail
	case a.Job == jobResetRequest || a.Job == jobTokenMail && a.Use == string(domain.UseSetPassword):
		return domain.MailResetPassword
	case a.Job == jobTokenMail && a.Use == string(domain.UseUndoEmail):
		return domain.MailUndoEmail
	}
	return ""
}

// mailJob reads the stored form. Errors: a malformed identifier.
func (a mailArgs) mailJob() (ports.MailJob, error) {
	job := ports.MailJob{Mail: a.mail(), Email: a.Email, Client: domain.Client{IP: a.IP, UserAgent: a.UserAgent}, Bulk: a.Bulk, AcceptedAt: a.AcceptedAt.UTC(), ExpiresAt: a.ExpiresAt.UTC()}
	var err error
	if a.TokenID != "" {
		job.TokenID, err = domain.ParseTokenID(a.TokenID)
		if err != nil {
			return ports.MailJob{}, fmt.Errorf("jobs: reading token_id: %w", err)
		}
	}
	if a.UserID != "" {
		job.UserID, err = domain.ParseUserID(a.UserID)
		if err != nil {
			return ports.MailJob{}, fmt.Errorf("jobs: reading user_id: %w", err)
		}
	}
	return job, nil
}

// ReadMail reads the args column of a mail's row, which is JSON. Errors: text that is
// not JSON; a malformed identifier.
func ReadMail(args []byte) (ports.MailJob, error) {
	var a mailArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return ports.MailJob{}, fmt.Errorf("jobs: reading a stored mail: %w", err)
	}
	return a.mailJob()
}

// cleanUpArgs is the stored form of a clean-up. It has no fields.
type cleanUpArgs struct{}

// Kind names the row's kind to River.
func (cleanUpArgs) Kind() string { return cleanUpKind }
