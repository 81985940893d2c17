package domain

import "slices"

// Permission is one thing that a role allows beyond the user's own account.
type Permission string

// The permissions.
const (
	// PermissionReadUsers is to list users with their sessions and limits.
	PermissionReadUsers Permission = "read_users"
	// PermissionHelpUsers is to end sessions, to send mails again and to lift limits, of
	// users of the role user. With PermissionManageUsers it covers every user.
	PermissionHelpUsers Permission = "help_users"
	// PermissionManageUsers is to create, change and delete users.
	PermissionManageUsers Permission = "manage_users"
	// PermissionReadAudit is to read the whole audit log.
	PermissionReadAudit Permission = "read_audit"
	// PermissionTransferUsers is to import and export users.
	PermissionTransferUsers Permission = "transfer_users"
)

// permissionsOf are the fixed permissions of the roles.
var permissionsOf = map[Role][]Permission{
	RoleSupport: {PermissionReadUsers, PermissionHelpUsers, PermissionReadAudit},
	RoleAdmin:   {PermissionReadUsers, PermissionHelpUsers, PermissionManageUsers, PermissionReadAudit, PermissionTransferUsers},
}

// Allows reports whether the role has the permission. An unknown role has none.
func (r Role) Allows(p Permission) bool { return slices.Contains(permissionsOf[r], p) }
