package smtp

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/ports"
)

func TestMailbox_KeepsTheNewestMailsAndShowsEach(t *testing.T) {
	t.Parallel()
	var shown []ports.CaughtMail
	box := NewMailbox(newRenderer(t, options()), func(m ports.CaughtMail) { shown = append(shown, m) })
	for i := range mailboxSize + 5 {
		mail := mails(t)[i%8]
		mail.To = email(t, fmt.Sprintf("user%d@example.com", i))
		require.NoError(t, send(t.Context(), box, mail))
	}
	kept := box.Mails()
	require.Len(t, kept, mailboxSize)
	require.Len(t, shown, mailboxSize+5)
	for i, mail := range kept {
		require.Equal(t, shown[len(shown)-1-i], mail)
	}
	kept[0].Subject = "changed by the reader"
	require.NotEqual(t, kept[0], box.Mails()[0])
}
