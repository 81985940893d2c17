package domain

import "slices"

// Permission is one thing that a role allows beyond the user's own account.
type Permission string

// The permissions.
const (
	// PermissionManageUsers is to list, create, change and delete users and to
	// end their sessions.
	PermissionManageUsers Permission = "manage_users"
	// PermissionReadAudit is to read the whole audit log.
	PermissionReadAudit Permission = "read_audit"
	// PermissionTransferUsers is to import and export users.
	PermissionTransferUsers Permission = "transfer_users"
)

// permissionsOf are the fixed permissions of the roles.
var permissionsOf = map[Role][]Permission{
	RoleAdmin: {PermissionManageUsers, PermissionReadAudit, PermissionTransferUsers},
}

// Allows reports whether the role has the permission. An unknown role has none.
func (r Role) Allows(p Permission) bool { return slices.Contains(permissionsOf[r], p) }
