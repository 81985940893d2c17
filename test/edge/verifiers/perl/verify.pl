# Verifies tokens with Crypt::JWT. It reads one question a line and writes one answer a
# line, both in JSON; main_test.go knows their members. `typed` adds the line of
# docs/keys.md.

use strict;
use warnings;
use Crypt::JWT qw(decode_jwt);
use HTTP::Tiny;
use JSON::PP;

my $json = JSON::PP->new->canonical;
my %sets;

# fetched returns a key set, and keeps it.
sub fetched {
    my ($url) = @_;
    return $sets{$url} //= do {
        my $answer = HTTP::Tiny->new->get($url);
        die "no key set: $answer->{status}\n" unless $answer->{success};
        $json->decode($answer->{content});
    };
}

sub verify {
    my ($s, $token) = @_;
    my %key = $s->{keys} ? (kid_keys => fetched($s->{keys})) : (key => $s->{secret});
    my ($header, $claims) = decode_jwt(
        token => $token, %key, accepted_alg => $s->{algorithms}, decode_header => 1,
        verify_iss => sub { $_[0] eq $s->{issuer} }, verify_aud => sub { $_[0] eq $s->{audience} },
        verify_exp => 1,
    );
    if ($s->{typed}) {
        die "not an access token\n" unless ($header->{typ} // '') eq 'at+jwt';
    }
    return $claims;
}

$| = 1;
while (my $line = <STDIN>) {
    my $question = $json->decode($line);
    my $claims = eval { verify($question, $question->{token}) };
    print $json->encode($claims ? { subject => $claims->{sub} } : { refused => "$@" }), "\n";
}
