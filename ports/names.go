package ports

// The names of use cases in metrics and traces. Dashboards and alerts know them,
// so a name stays what it is once released.
const (
	NameRegister            = "register"
	NameVerifyEmail         = "verify_email"
	NameRequestVerification = "resend_verification"
	NameChangeEmail         = "change_email"
	NameCurrentUser         = "current_user"
	NameDeleteAccount       = "delete_account"
	NameListActivity        = "list_activity"
	NameExportAccount       = "export_account"

	NameRequestPasswordReset = "request_reset"
	NameConfirmPasswordReset = "reset_password"
	NameChangePassword       = "change_password"

	NameLogin            = "login"
	NameRefresh          = "refresh"
	NameAuthenticate     = "authenticate"
	NameLogout           = "logout"
	NameLogoutEverywhere = "logout_everywhere"
	NameListSessions     = "list_sessions"
	NameRevokeSession    = "revoke_session"

	NameListUsers        = "list_users"
	NameGetUser          = "get_user"
	NameCreateUser       = "create_user"
	NameChangeUser       = "change_user"
	NameDeleteUser       = "delete_user"
	NameListUserSessions = "list_user_sessions"
	NameEndUserSessions  = "end_user_sessions"
	NameListAudit        = "list_audit"

	NameDeliverMail = "deliver_mail"
	NameCleanUp     = "clean_up"
)
