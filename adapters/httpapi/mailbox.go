package httpapi

func (s *Server) mailboxRoutes() {}
