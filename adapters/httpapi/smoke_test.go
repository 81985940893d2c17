package httpapi

import ("testing";"fmt")

func TestSmoke(t *testing.T) {
	b := started(t)
	for _, r := range []request{
		{method:"GET", path:"/api/auth/me"},
		{method:"GET", path:"/api/auth/me", token: userToken},
		{method:"HEAD", path:"/api/auth/me", token: userToken},
		{method:"POST", path:"/api/auth/login", body: `{"email":"a","password":"b"}`},
		{method:"POST", path:"/api/auth/login", body: `{"email":"a","email":"b"}`},
		{method:"POST", path:"/api/auth/login", body: `{"email":1,"Password":"x"}`},
		{method:"POST", path:"/api/auth/login", body: `null`},
		{method:"POST", path:"/api/auth/login"},
		{method:"FOO", path:"/api/auth/me"},
		{method:"GET", path:"/api/auth/nope"},
		{method:"GET", path:"/api/auth/admin/users?limit=0&x=1", token: adminToken},
		{method:"GET", path:"/api/auth/admin/users?limit=0", token: adminToken},
		{method:"GET", path:"/api/auth/admin/users?role=root", token: adminToken},
		{method:"GET", path:"/api/auth/admin/users", token: userToken},
		{method:"GET", path:"/api/auth/forward-auth?role=admin", token: adminToken},
		{method:"GET", path:"/healthz"},
		{method:"GET", path:"/readyz"},
		{method:"GET", path:"/api/auth/docs"},
	} {
		a := b.do(r)
		fmt.Println(r.method, r.path, a.StatusCode, a.Header, a.body)
	}
	fmt.Println(b.logs)
}
