"""Tables of the corpus in other formats; nothing is lost without a message. The public function is `espress.export`."""
