package e2e

import (
	"testing"
)

// scenarios are run on every target, all at once.
var scenarios = map[string]func(client){
	"a stranger's walk":                         strangersWalk,
	"one refresh token in many hands at once":   refreshAtOnce,
	"a refresh token that was stolen":           refreshReuse,
	"signing out everywhere":                    signOutEverywhere,
	"a forgotten password":                      passwordReset,
	"one reset token many times at once":        resetAtOnce,
	"another password":                          changePassword,
	"another address":                           changeEmail,
	"an undone change of address":               undoChangeOfEmail,
	"an address set by an administrator":        changeEmailByAdmin,
	"leaving":                                   deleteAccount,
	"registering twice":                         registerTwice,
	"registering over an unverified account":    registerOverUnverified,
	"proving a confirmation":                    proveConfirmation,
	"registering with a taken address":          registerTaken,
	"answers that tell nothing about addresses": answersAlike,
	"passwords that are refused":                refusedPasswords,
	"administration":                            administration,
	"support helps":                             supportHelps,
	"administrators decide":                     administratorsDecide,
	"pages of users":                            pagesOfUsers,
	"a gateway that asks":                       forwardAuth,
	"what an application keeps":                 metadata,
	"the token of a refresh":                    tokenOfARefresh,
	"probes and metrics":                        probes,
	"documents and pages":                       pages,
	"the events of an account":                  whatHappened,
	"what becomes of mails":                     whatBecomesOfMails, // F-MAIL
	"second factors":                            secondFactors,      // F-MFA
	"all that is stored, and nothing":           exportAndErase,
	"V-19 no numbers of users":                  nothingCounted,
}

func TestService(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(testing.TB) *target{
		"nothing configured": local, "two replicas on PostgreSQL": replicas, "in memory": inMemory,
		"two replicas behind PgBouncer": bounced,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tg := set(t)
			t.Run("scenarios", func(t *testing.T) {
				for name, scenario := range scenarios {
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						scenario(tg.client(t))
					})
				}
			})
			for i, url := range tg.urls {
				metrics := tg.client(t).on(i).page("/metrics")
				tg.secrets.AssertAbsent(t, "the metrics of "+url, string(metrics.Body))
			}
			for place, text := range tg.finish(t) {
				tg.secrets.AssertAbsent(t, place, text)
			}
		})
	}
}
