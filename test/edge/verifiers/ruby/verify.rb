# Verifies tokens with ruby-jwt. It reads one question a line and writes one answer a
# line, both in JSON; main_test.go knows their members. `typed` adds the line of
# docs/keys.md.

require "json"
require "jwt"
require "net/http"

def verifier(s)
  options = {
    algorithms: s["algorithms"], iss: s["issuer"], verify_iss: true, aud: s["audience"], verify_aud: true,
    required_claims: ["exp"]
  }
  unless s["keys"].empty?
    keys = nil
    options[:jwks] = lambda do |asked|
      keys = nil if asked[:kid_not_found]
      keys ||= JSON.parse(Net::HTTP.get(URI(s["keys"])), symbolize_names: true)
    end
  end
  lambda do |token|
    payload, header = JWT.decode(token, s["keys"].empty? ? s["secret"] : nil, true, options)
    if s["typed"]
      raise "not an access token" if header["typ"] != "at+jwt"
    end
    payload
  end
end

$stdout.sync = true
made = {}
$stdin.each_line do |line|
  question = JSON.parse(line)
  token = question.delete("token")
  begin
    made[question] ||= verifier(question)
    answer = { subject: made[question].call(token)["sub"] }
  rescue StandardError => e
    answer = { refused: "#{e.class}: #{e.message}" }
  end
  puts JSON.generate(answer)
end
