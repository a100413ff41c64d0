"""What the sound generators share: events, rooms, noises, codecs, and the conditions a clip is heard under."""
