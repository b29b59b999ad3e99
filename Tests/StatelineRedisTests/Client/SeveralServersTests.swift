import Testing

/// Tests that start several servers each: one after the other, since servers that get no time take each other for dead.
@Suite(.serialized) enum SeveralServersTests {}
