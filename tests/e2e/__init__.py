"""The proof with real clients: a browser, go2rtc and FFmpeg watch the demo's cameras.

It sees the product from outside, like the demo's check, whose stage and whose manner it
shares: the pictures it judges have come through the whole of Home Assistant, and how
often a camera was made to send is asked of the cloud.
"""
