/** What a key stands for. */
final class Value {
    final long content;

    Value(long content) {
        this.content = content;
    }
}
